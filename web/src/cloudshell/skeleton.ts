// What --generate-cli-skeleton prints: every member, with nothing in it.
import type { Value } from "./answer";
import type { Shape } from "./model";

/** The empty form of a shape; with `named`, texts are their members' names. */
export function skeleton(shape: Shape, named: boolean, name = "", above: string[] = []): Value {
  switch (shape.kind) {
    case "structure":
      if (above.includes(shape.name)) return {};
      return Object.fromEntries([...shape.members].map(([n, s]) => [n, skeleton(s, named, n, [...above, shape.name])]));
    case "list":
      return [skeleton(shape.member, named, name, above)];
    case "map":
      return { KeyName: skeleton(shape.value, named, "", above) };
    case "integer":
      return 0;
    case "boolean":
      return true;
    case "timestamp":
      return "1970-01-01T00:00:00";
    case "blob":
      return null;
    default:
      return named ? name : "";
  }
}
