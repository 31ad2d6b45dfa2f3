import type { Route } from "../routes";

export const appRegistrationRoutes: Route[] = [
  { path: "/app-registrations", load: () => import("./list") },
  { path: "/app-registrations/register", load: () => import("./register") },
  { path: "/app-registrations/:clientId", load: () => import("./page") },
];
