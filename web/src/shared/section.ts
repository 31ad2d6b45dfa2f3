import { usePath } from "./location";
import { useParam } from "./param";

let turned = false;

/** Tells, once, whether the path is another only because a tab was chosen. */
export function wasTurned(): boolean {
  const was = turned;
  turned = false;
  return was;
}

/** The tab that the page's address names behind the path of what it is of, else the
 * first; and a way to another, which leaves no step for Back. */
export function useSection(of: string, tabs: string[]): [tab: string, choose: (tab: string) => void] {
  const named = useParam("section");
  const [path, navigate] = usePath();
  const choose = (tab: string) => {
    const to = `${of}/${tab}`;
    turned = to !== path;
    navigate(to, { replace: true });
  };
  return [tabs.includes(named) ? named : tabs[0]!, choose];
}
