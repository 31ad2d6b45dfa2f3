import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Copy } from "./copy";

/** A secret behind stars until "Show" is pressed; it can be copied either way. */
export function Secret({ text, label }: { text: string; label: string }) {
  const [shown, setShown] = useState(false);
  const what = /^[A-Z][a-z]/.test(label) ? label[0]!.toLowerCase() + label.slice(1) : label;
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <Copy text={text} label={label} display={shown ? text : "*".repeat(15)} />
      <Button variant="inline-link" formAction="none" ariaLabel={`${shown ? "Hide" : "Show"} ${what}`} onClick={() => setShown(!shown)}>
        {shown ? "Hide" : "Show"}
      </Button>
    </SpaceBetween>
  );
}
