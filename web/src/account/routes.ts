import type { Route } from "../routes";
import { securityCredentialRoutes } from "./security-credentials-routes";
import { settingsRoutes } from "./settings-routes";

export const accountRoutes: Route[] = [...securityCredentialRoutes, ...settingsRoutes];
