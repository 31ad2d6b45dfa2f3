import type { Route } from "../routes";

export const cloudShellRoutes: Route[] = [{ path: "/cloudshell", load: () => import("./page") }];
