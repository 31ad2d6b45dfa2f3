import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

/** A text with a button that copies it. Where the browser has no clipboard (plain
 * http under a name), the text alone: it can be marked. */
export function Copy({ text, label, display }: { text: string; label: string; display?: string }) {
  const shown = display ?? text;
  if (!navigator.clipboard) return <span className="break-anywhere">{shown}</span>;
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      textToDisplay={shown}
      copyButtonAriaLabel={`Copy ${label}`}
      copySuccessText={`${label} copied`}
      copyErrorText={`${label} could not be copied`}
    />
  );
}
