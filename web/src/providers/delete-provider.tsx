import { notify } from "../shared/notify";
import { Confirm } from "../shared/confirm";
import type { Provider } from "./providers";
import { removeProvider } from "./remove";

interface Props {
  provider: Pick<Provider, "arn" | "kind" | "name">;
  onDone: () => void;
  onCancel: () => void;
}

/** Asks before a provider is deleted. Roles that trust it stay. */
export function DeleteProvider({ provider, onDone, onCancel }: Props) {
  return (
    <Confirm
      title="Delete identity provider?"
      type="confirm"
      button="Delete"
      warning="Roles that trust the provider are not deleted and not changed. Nobody can assume them through it any longer."
      work={() => removeProvider(provider)}
      onDone={() => {
        notify("success", `Identity provider ${provider.name} deleted.`);
        onDone();
      }}
      onCancel={onCancel}
    >
      Delete identity provider <b className="break-anywhere">{provider.name}</b> permanently? You can't undo this.
    </Confirm>
  );
}
