import type { PasswordPolicy } from "@aws-sdk/client-iam";
import { useRef, useState } from "react";
import { forgetAllowed } from "../../shared/allowed";
import { tasksOf, type Draft, type Task } from "./draft";

interface State {
  tasks: Task[];
  done: number;
  busy: boolean;
  error: unknown;
  password?: string;
  /** Nothing more is to be done: all is, or the person goes on without. */
  finished: boolean;
}

const nothing: State = { tasks: [], done: 0, busy: false, error: undefined, finished: false };

/** Does the tasks of a draft one after the other, and after a failure goes on
 * with the one that failed. */
export function useMaking() {
  const [state, setState] = useState<State>(nothing);
  const [stuck, setStuck] = useState(false);
  const now = useRef(state);
  const put = (some: Partial<State>) => setState((now.current = { ...now.current, ...some }));

  const goOn = async (): Promise<boolean> => {
    put({ busy: true, error: undefined });
    try {
      for (let task; (task = now.current.tasks[now.current.done]); ) {
        await task.run();
        put({ done: now.current.done + 1 });
      }
      put({ busy: false, finished: true });
      return true;
    } catch (error) {
      put({ busy: false, error });
      setStuck(now.current.done > 0);
      return false;
    } finally {
      forgetAllowed();
    }
  };
  const begin = async (draft: Draft, password: string | undefined, policy: PasswordPolicy | undefined): Promise<boolean> => {
    put({ ...nothing, busy: true, error: undefined, password: undefined });
    try {
      put({ tasks: await tasksOf(draft, password, policy), password });
    } catch (error) {
      put({ busy: false, error });
      return false;
    }
    return goOn();
  };
  return {
    ...state,
    /** The user is there, and something after it went wrong. */
    halfway: stuck && !state.finished,
    hasPassword: state.password !== undefined && state.done > 1, // it is the second task
    begin,
    goOn,
    finish: () => put({ finished: true }),
    clear: () => put({ error: undefined }),
  };
}
