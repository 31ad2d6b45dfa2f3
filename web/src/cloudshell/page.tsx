import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState } from "react";
import { useSession } from "../session";
import { Page } from "../shared/page";
import { bytesOf } from "./files";
import { Screen } from "./screen";
import { terminalOf, type Terminal } from "./terminal";

/** CloudShell: the AWS CLI's commands as the person who is signed in. */
export default function CloudShell() {
  const session = useSession();
  return session ? <OfSession terminal={terminalOf(session.id)} /> : null;
}

function OfSession({ terminal }: { terminal: Terminal }) {
  const picker = useRef<HTMLInputElement>(null);
  const [choosing, setChoosing] = useState(false);
  const act = (id: string): void => {
    if (id === "upload") picker.current?.click();
    else if (id === "file") setChoosing(true);
    else if (id === "output") save("cloudshell-output.txt", bytesOf(terminal.lastOutput()));
    else terminal.clear();
  };
  return (
    <Page
      title="CloudShell"
      description="Run AWS CLI commands for IAM, STS and Organizations in this browser, signed as you."
      actions={
        <ButtonDropdown
          items={[
            { id: "upload", text: "Upload file" },
            { id: "file", text: "Download file" },
            { id: "output", text: "Download output", secondaryText: "What the last command printed" },
            { id: "clear", text: "Clear terminal" },
          ]}
          onItemClick={(e) => act(e.detail.id)}
        >
          Actions
        </ButtonDropdown>
      }
    >
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Upload file"
        onChange={(e) => {
          void terminal.upload([...(e.target.files ?? [])]);
          e.target.value = "";
        }}
      />
      <Screen terminal={terminal} />
      {choosing && <Download terminal={terminal} onClose={() => setChoosing(false)} />}
    </Page>
  );
}

/** The dialog that asks which of the shell's files to download. */
function Download({ terminal, onClose }: { terminal: Terminal; onClose: () => void }) {
  const options = terminal.files.list().map((name) => ({ value: name, label: name, description: `${terminal.files.size(name)} bytes` }));
  const [chosen, setChosen] = useState<(typeof options)[number] | undefined>(options[0]);
  return (
    <Modal
      visible
      header="Download file"
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button
              variant="primary"
              disabled={!chosen}
              onClick={() => {
                save(chosen!.value, terminal.files.read(chosen!.value)!);
                onClose();
              }}
            >
              Download
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <FormField label="File" description="A file of this shell's home folder.">
        <Select
          options={options}
          selectedOption={chosen ?? null}
          empty="There are no files. Upload one, or make one with cat > NAME <<'EOF'."
          placeholder="Choose a file"
          onChange={(e) => setChosen(options.find((o) => o.value === e.detail.selectedOption.value))}
        />
      </FormField>
    </Modal>
  );
}

/** Has the browser keep bytes as a file, whatever they are. */
function save(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
