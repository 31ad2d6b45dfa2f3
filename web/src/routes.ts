// Every page of the console, by its path. Each noun lists its own.
import type { ComponentType } from "react";
import { accountRoutes } from "./account/routes";
import { appRegistrationRoutes } from "./app-registrations/routes";
import { applicationRoutes } from "./applications/routes";
import { cloudShellRoutes } from "./cloudshell/routes";
import { dashboardRoutes } from "./dashboard/routes";
import { delegationRoutes } from "./delegation/routes";
import { groupRoutes } from "./groups/routes";
import { organizationRoutes } from "./organizations/routes";
import { permissionRoutes } from "./permissions/routes";
import { policyRoutes } from "./policies/routes";
import { providerRoutes } from "./providers/routes";
import { reportRoutes } from "./reports/routes";
import { roleRoutes } from "./roles/routes";
import { userRoutes } from "./users/routes";

export interface Route {
  /** A path with :parameters, as wouter has them. The first that fits wins. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
}

export const routes: Route[] = [
  ...dashboardRoutes,
  ...permissionRoutes, // before those of users, groups and roles, whose pages they are below
  ...userRoutes,
  ...groupRoutes,
  ...roleRoutes,
  ...policyRoutes,
  ...providerRoutes,
  ...accountRoutes,
  ...delegationRoutes,
  ...reportRoutes,
  ...organizationRoutes,
  ...applicationRoutes,
  ...appRegistrationRoutes,
  ...cloudShellRoutes,
];
