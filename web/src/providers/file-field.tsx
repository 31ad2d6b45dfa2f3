import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import type { ReactNode } from "react";

export interface ReadFile {
  file: File;
  text: string;
}

interface Props {
  label: ReactNode;
  description?: string;
  constraintText?: string;
  accept?: string;
  errorText?: string;
  value: ReadFile | undefined;
  onChange: (file: ReadFile | undefined) => void;
}

/** A text file of the person's, read in the browser. */
export function FileField({ label, description, constraintText, accept, errorText, value, onChange }: Props) {
  return (
    <FormField label={label} description={description} errorText={errorText}>
      <FileUpload
        value={value ? [value.file] : []}
        accept={accept}
        showFileSize
        constraintText={constraintText}
        onChange={async (e) => {
          const file = e.detail.value.at(-1);
          onChange(file && { file, text: await file.text() });
        }}
        i18nStrings={{
          uploadButtonText: () => "Choose file",
          dropzoneText: () => "Drop the file here",
          removeFileAriaLabel: (_, name) => `Remove file ${name}`,
          limitShowFewer: "Show fewer files",
          limitShowMore: "Show more files",
          errorIconAriaLabel: "Error",
          warningIconAriaLabel: "Warning",
        }}
      />
    </FormField>
  );
}
