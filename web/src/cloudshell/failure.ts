// Why a command came to nothing, in the CLI's words and codes; and waiters, which
// hold some refusals for "not yet".
import type { Waiter } from "./facts";
import { PagingError } from "./paging";
import { UsageError } from "./values";

/** A refusal of a service's, with the operation that was called. */
class Refusal extends Error {
  constructor(
    readonly operation: string,
    readonly cause: unknown,
  ) {
    super();
  }
}

interface ServiceError extends Error {
  Code?: string;
  Error?: { Code?: string };
  $metadata?: { httpStatusCode?: number };
}

/** The code on the wire, which the SDK's name of an error's class need not be. */
function codeOf(e: ServiceError): string {
  return e.Code ?? e.Error?.Code ?? e.name;
}

function statusOf(e: unknown): number | undefined {
  return (e as ServiceError).$metadata?.httpStatusCode;
}

/** The message and exit code for what went wrong. */
export function explain(thrown: unknown): { message: string; code: number } {
  if (thrown instanceof UsageError) return { message: thrown.message, code: thrown.code };
  if (thrown instanceof PagingError) return { message: "Error during pagination: " + thrown.message, code: 255 };
  if (thrown instanceof Refusal) {
    const e = thrown.cause as ServiceError;
    if (statusOf(e) !== undefined) {
      return { message: `An error occurred (${codeOf(e)}) when calling the ${thrown.operation} operation: ${e.message}`, code: 254 };
    }
    return explain(e);
  }
  const e = thrown as Error;
  if (e.name === "TypeError" && /fetch|network|load failed/i.test(e.message)) return { message: "Could not connect to the server: " + e.message, code: 255 };
  return { message: e.message || e.name, code: 255 };
}

/** Remembers which operation a call was of, should it be refused. */
explain.during = async <T>(operation: string, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (e) {
    throw new Refusal(operation, e);
  }
};

/** Calls until it goes well, each second. It throws when that takes too long, or on a refusal of another kind. */
export async function wait(name: string, waiter: Waiter, call: () => Promise<unknown>, sleep: (ms: number) => Promise<void>): Promise<void> {
  const title = name.replace(/(?:^|-)(\w)/g, (_, c: string) => c.toUpperCase());
  for (let n = 1; ; n++) {
    try {
      await call();
      return;
    } catch (thrown) {
      const e = thrown as ServiceError;
      const status = statusOf(e);
      if (status === undefined) throw e;
      if (!waiter.again(codeOf(e), status)) throw new UsageError(`Waiter ${title} failed: An error occurred (${codeOf(e)}): ${e.message}`, 255);
      if (n >= waiter.attempts) throw new UsageError(`Waiter ${title} failed: Max attempts exceeded`, 255);
    }
    await sleep(1000);
  }
}
