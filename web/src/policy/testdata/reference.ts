// A few services of AWS's for tests, in part.
import data from "./services.json";
import type { Service, ServiceName } from "../reference";

export const details = new Map(Object.entries(data as unknown as Record<string, Service>));
export const names: ServiceName[] = [...[...details.values()].map(({ prefix, name }) => ({ prefix, name })), { prefix: "sqs", name: "Amazon SQS" }];
export const service = (prefix: string): Service => details.get(prefix)!;
