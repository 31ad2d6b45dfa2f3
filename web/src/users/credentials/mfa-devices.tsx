import { DeactivateMFADeviceCommand, DeleteVirtualMFADeviceCommand, type MFADevice } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { iam } from "../../aws";
import { ActionButton } from "../../shared/action-button";
import { Confirm } from "../../shared/confirm";
import { ErrorAlert } from "../../shared/errors";
import { useLoad } from "../../shared/load";
import { notify } from "../../shared/notify";
import { ago, showTime } from "../../shared/time";
import { AssignMfa } from "./assign-mfa";
import { listMfa } from "./mfa";
import { isVirtual, mfaName, type Owner } from "./owner";
import { ResyncMfa } from "./resync-mfa";

const most = 8;

/** The second factors of a user, or the root user. */
export function MfaDevices({ owner, onChange }: { owner: Owner; onChange?: () => void }) {
  const devices = useLoad(() => listMfa(owner), [owner.arn]);
  const [chosen, setChosen] = useState<string>();
  const [open, setOpen] = useState<"assign" | "remove" | "resync">();
  const device = devices.data?.find((d) => d.SerialNumber === chosen);
  const serial = device?.SerialNumber;
  const close = () => setOpen(undefined);
  const changed = (text: string) => {
    close();
    devices.reload();
    onChange?.();
    notify("success", text);
  };
  const remove = async () => {
    await iam().send(new DeactivateMFADeviceCommand({ UserName: mfaName(owner), SerialNumber: serial }));
    if (isVirtual(serial!)) await iam().send(new DeleteVirtualMFADeviceCommand({ SerialNumber: serial }));
  };
  return (
    <SpaceBetween size="s">
      <ErrorAlert error={devices.error} onRetry={devices.reload} />
      <Table<MFADevice>
        items={devices.data ?? []}
        loading={devices.loading && !devices.data}
        loadingText="Loading MFA devices"
        trackBy={(d) => d.SerialNumber!}
        wrapLines
        selectionType="single"
        selectedItems={device ? [device] : []}
        onSelectionChange={(e) => setChosen(e.detail.selectedItems[0]?.SerialNumber)}
        ariaLabels={{ tableLabel: "Multi-factor authentication (MFA)", selectionGroupLabel: "Select an MFA device", itemSelectionLabel: (_, d) => `Select ${d.SerialNumber}` }}
        header={
          <Header
            counter={devices.data && `(${devices.data.length})`}
            description="Use MFA to increase the security of your AWS environment. Signing in with MFA requires an authentication code or a passkey besides the password. Each user can have a maximum of 8 MFA devices assigned."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ActionButton action="iam:DeactivateMFADevice" resource={owner.arn} disabled={!device} disabledReason="Select an MFA device" onClick={() => setOpen("remove")}>
                  Remove
                </ActionButton>
                <ActionButton
                  action="iam:ResyncMFADevice"
                  resource={owner.arn}
                  disabled={!serial || !isVirtual(serial)}
                  disabledReason="Select an authenticator app"
                  onClick={() => setOpen("resync")}
                >
                  Resync
                </ActionButton>
                <ActionButton
                  action="iam:EnableMFADevice"
                  resource={owner.arn}
                  disabled={(devices.data?.length ?? 0) >= most}
                  disabledReason="There can be 8 MFA devices at most. Remove one first."
                  onClick={() => setOpen("assign")}
                >
                  Assign MFA device
                </ActionButton>
              </SpaceBetween>
            }
          >
            Multi-factor authentication (MFA)
          </Header>
        }
        empty={
          <Box textAlign="center" color="inherit">
            <b>No MFA devices</b>
            <p>Assign an MFA device to improve the security of your AWS environment.</p>
          </Box>
        }
        columnDefinitions={[
          { id: "type", header: "Type", cell: (d) => (isVirtual(d.SerialNumber!) ? "Virtual" : "Passkeys and security keys") },
          { id: "serial", header: "Identifier", cell: (d) => d.SerialNumber, isRowHeader: true },
          { id: "created", header: "Created on", cell: (d) => <span title={showTime(d.EnableDate)}>{ago(d.EnableDate)}</span> },
        ]}
      />
      {open === "assign" && <AssignMfa owner={owner} onCancel={close} onDone={() => changed("MFA device assigned.")} />}
      {open === "resync" && serial && <ResyncMfa owner={owner} serial={serial} onCancel={close} onDone={() => changed("MFA device resynchronized.")} />}
      {open === "remove" && serial && (
        <Confirm title="Remove MFA device?" button="Remove MFA" work={remove} onCancel={close} onDone={() => changed("MFA device removed.")}>
          Remove <b className="break-anywhere">{serial}</b>? {devices.data?.length === 1 ? "Signing in then asks for the password alone." : "It can't be used to sign in any more."}
        </Confirm>
      )}
    </SpaceBetween>
  );
}
