import type { Route } from "../routes";

export const applicationRoutes: Route[] = [
  { path: "/applications", load: () => import("./page") },
  { path: "/applications/:id", load: () => import("./application") },
];
