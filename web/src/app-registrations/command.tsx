import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import "./command.css";

/** A command for a terminal, with a button that copies it where the browser can. */
export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className="command">
      <pre role="group" aria-label={`The ${label}`}><code>{text}</code></pre>
      {navigator.clipboard && (
        <CopyToClipboard
          variant="icon"
          textToCopy={text}
          copyButtonAriaLabel={`Copy the ${label}`}
          copySuccessText="Command copied"
          copyErrorText="The command could not be copied"
        />
      )}
    </div>
  );
}
