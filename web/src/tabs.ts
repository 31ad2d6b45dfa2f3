// The tabs of one browser at this origin, of which each keeps its own sessions: a
// new tab asks the others who is signed in, and sign-out reaches them all. Nothing
// of it is stored; a channel reaches no page of another origin.

type Message<S> = { ask: string } | { answer: string; kept: S } | { end: string[] };

interface Config<S> {
  /** What this tab can tell a new one. */
  holds: () => S | undefined;
  told: (kept: S) => void;
  ended: (ids: string[]) => void;
  /** Is called when asking() is another. */
  changed: () => void;
}

export interface Tabs {
  ask: () => void;
  asking: () => boolean;
  end: (ids: string[]) => void;
}

const patience = 250; // ms; tabs that are awake answer in a few

/** Joins the other tabs. */
export function tabs<S>({ holds, told, ended, changed }: Config<S>): Tabs {
  if (typeof BroadcastChannel === "undefined") return { ask: () => {}, asking: () => false, end: () => {} };
  const channel = new BroadcastChannel("iamd.sessions");
  let nonce: string | undefined; // of this tab's question: an answer to another's is not for it
  const settle = () => {
    nonce = undefined;
    changed();
  };
  channel.onmessage = ({ data }: MessageEvent<Message<S>>) => {
    if ("ask" in data) {
      const kept = holds();
      if (kept) channel.postMessage({ answer: data.ask, kept } satisfies Message<S>);
    } else if ("end" in data) {
      ended(data.end);
    } else if (data.answer === nonce) {
      told(data.kept);
      settle();
    }
  };
  return {
    ask: () => {
      nonce = Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");
      channel.postMessage({ ask: nonce } satisfies Message<S>);
      setTimeout(settle, patience);
    },
    asking: () => nonce !== undefined,
    end: (ids) => channel.postMessage({ end: ids } satisfies Message<S>),
  };
}
