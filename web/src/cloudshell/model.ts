// The operations of a service and the shapes of what goes in and out, read from
// the schemas that the SDK for JavaScript has at run time.
import { kebab, memberOrder, onceOrder } from "./facts";

export type Shape = Scalar | List | MapOf | Structure;
export interface Scalar {
  kind: "string" | "integer" | "boolean" | "timestamp" | "blob";
}
export interface List {
  kind: "list";
  readonly member: Shape;
}
export interface MapOf {
  kind: "map";
  readonly value: Shape;
}
export interface Structure {
  kind: "structure";
  name: string;
  /** In the order of AWS's model. */
  readonly members: Map<string, Shape>;
  required: Set<string>;
}

/** How a list comes by pages. */
export interface Paging {
  token: string;
  limit?: string;
  /** The member that says whether there is more; else the token's being there says so. */
  more?: string;
  lists: string[];
  once: string[];
}

export interface Operation {
  name: string; // GetUser
  command: string; // get-user
  input: Structure;
  output: Structure;
  paging?: Paging;
  /** The members of the input by their options' names, without dashes. */
  options: Map<string, string>;
}

export type Model = Map<string, Operation>;

/** What a module of the SDK exports: commands, schemas, paginators. */
export type Module = Record<string, unknown>;

// The SDK's schemas are tuples: [kind, namespace, name, traits, …]; scalars are
// numbers, with a bit added for a list or a map of them; what is not yet defined
// is a function; a member with traits of its own is a pair.
type Schema = readonly unknown[];
const listBit = 64;
const mapBit = 128;
const scalars: Record<number, Scalar["kind"]> = {
  0: "string", 1: "integer", 2: "boolean", 4: "timestamp", 5: "timestamp", 6: "timestamp", 7: "timestamp", 15: "string", 17: "integer", 19: "integer", 21: "blob", 42: "blob",
};

const nothing: Structure = { kind: "structure", name: "Unit", members: new Map(), required: new Set() };

function shapeOf(ref: unknown): Shape {
  if (typeof ref === "function") return shapeOf((ref as () => unknown)());
  if (typeof ref === "number") {
    if (ref & mapBit) return { kind: "map", value: shapeOf(ref & ~mapBit) };
    if (ref & listBit) return { kind: "list", member: shapeOf(ref & ~listBit) };
    return { kind: scalars[ref] ?? "string" };
  }
  if (!Array.isArray(ref)) return nothing; // an operation that takes or gives nothing
  const schema = ref as Schema;
  if (schema.length === 2) return shapeOf(schema[0]);
  switch (schema[0]) {
    case 0:
      return shapeOf(schema[4]);
    case 1:
      return { kind: "list", get member() { return shapeOf(schema[4]); } };
    case 2:
      return { kind: "map", get value() { return shapeOf(schema[5]); } };
    default:
      return structureOf(schema);
  }
}

const known = new WeakMap<Schema, Structure>();

function structureOf(schema: Schema): Structure {
  let structure = known.get(schema);
  if (!structure) {
    const name = schema[2] as string;
    const names = (schema[4] ?? []) as string[];
    const types = (schema[5] ?? []) as unknown[];
    const order = inOrder(name, names);
    structure = {
      kind: "structure",
      name,
      required: new Set(names.slice(0, (schema[6] as number | undefined) ?? 0)),
      get members() {
        const members = new Map(order.map((n) => [n, shapeOf(types[names.indexOf(n)])]));
        Object.defineProperty(this, "members", { value: members });
        return members;
      },
    };
    known.set(schema, structure);
  }
  return structure;
}

function inOrder(name: string, names: string[]): string[] {
  const order = memberOrder[name]?.split(" ") ?? [];
  if (!order.every((n) => names.includes(n))) return names; // another service's structure of that name
  return [...order, ...names.filter((n) => !order.includes(n))];
}

/** Reads the operations of one of the SDK's modules, in alphabetical order. */
export function readModel(module: Module): Model {
  const operations: Operation[] = [];
  for (const schema of Object.values(module)) {
    if (!Array.isArray(schema) || schema[0] !== 9) continue;
    const name = schema[2] as string;
    const input = shapeOf(schema[4]) as Structure;
    const output = shapeOf(schema[5]) as Structure;
    const options = new Map([...input.members.keys()].map((m) => [kebab(m), m]));
    const paging = `paginate${name}` in module ? pagingOf(name, input, output) : undefined;
    operations.push({ name, command: kebab(name), input, output, options, paging });
  }
  operations.sort((a, b) => (a.command < b.command ? -1 : 1));
  return new Map(operations.map((o) => [o.command, o]));
}

/** What the CLI puts together of pages is all lists; the rest but the token is there once. */
function pagingOf(name: string, input: Structure, output: Structure): Paging {
  const token = input.members.has("Marker") ? "Marker" : "NextToken";
  const limit = ["MaxItems", "MaxResults"].find((m) => input.members.has(m));
  const more = output.members.has("IsTruncated") ? "IsTruncated" : undefined;
  const rest = [...output.members].filter(([m]) => m !== token && m !== more);
  const lists = rest.filter(([, s]) => s.kind === "list").map(([m]) => m);
  const once = onceOrder[name] ?? rest.filter(([, s]) => s.kind !== "list").map(([m]) => m);
  return { token, limit, more, lists, once };
}
