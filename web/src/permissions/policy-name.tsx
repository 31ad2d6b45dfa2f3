import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { useState, type ReactNode } from "react";
import { follow, link } from "../shared/link";
import { PolicyView } from "./policy-view";
import "./permissions.css";

interface Props {
  name: string;
  /** The policy's page; none where leaving the page would lose what was entered. */
  path?: string;
  load: () => Promise<string>;
  /** Beside JSON and Summary: a button to edit it. */
  actions?: ReactNode;
}

/** A policy's name in a list; a click opens the row and shows its document. */
export function PolicyName({ name, path, load, actions }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <div className="policy-row">
        <Button
          formAction="none"
          variant="inline-icon"
          iconName={open ? "treeview-collapse" : "treeview-expand"}
          ariaLabel={`${open ? "Hide" : "Show"} the document of ${name}`}
          ariaExpanded={open}
          onClick={() => setOpen(!open)}
        />
        <span className="break-anywhere">{path === undefined ? name : <Link {...link(path)} onFollow={follow}>{name}</Link>}</span>
      </div>
      {open && (
        <div className="policy-open">
          <PolicyView load={load} deps={[name]} label={name} actions={actions} />
        </div>
      )}
    </>
  );
}
