import type { Route } from "../routes";

export const securityCredentialRoutes: Route[] = [
  { path: "/security-credentials", load: () => import("./security-credentials") },
  { path: "/security-credentials/access-keys/create", load: () => import("../users/credentials/create-access-key") },
];
