import type { Route } from "../routes";

export const userRoutes: Route[] = [
  { path: "/users", load: () => import("./list") },
  { path: "/users/create", load: () => import("./create/page") },
  { path: "/users/:name/access-keys/create", load: () => import("./credentials/create-access-key") },
  { path: "/users/:name/:section?", load: () => import("./page") }, // the section is a tab: /users/Bob/security-credentials
];
