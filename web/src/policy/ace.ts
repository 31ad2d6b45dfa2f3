// The code editor's parts, loaded when one is first shown. Its styles come from
// files, as the content security policy wants; it gets no worker, since the
// document's own reader finds what is no JSON.
import "ace-builds/css/ace.css";
import "ace-builds/css/theme/cloud_editor.css";
import "ace-builds/css/theme/cloud_editor_dark.css";
import ace from "ace-builds";
import "ace-builds/src-noconflict/mode-json";
import "ace-builds/src-noconflict/theme-cloud_editor";
import "ace-builds/src-noconflict/theme-cloud_editor_dark";
import "ace-builds/src-noconflict/ext-searchbox";
import type { Ace } from "ace-builds";
import { themeOf } from "./dark";

ace.config.set("useStrictCSP", true);
ace.config.set("loadWorkerFromBlob", false);

export type Editor = Ace.Editor;
export type Annotation = Ace.Annotation;

export interface Options {
  label: string;
  value: string;
  readOnly: boolean;
  dark: boolean;
}

/** Makes an editor in an element. Enter begins to edit, Escape leaves, so that Tab goes on through the page. */
export function createEditor(element: HTMLElement, { label, value, readOnly, dark }: Options): Editor {
  const editor = ace.edit(element, {
    useWorker: false, // before the mode, which would start one
    mode: "ace/mode/json",
    theme: themeOf(dark),
    value,
    readOnly,
    minLines: 14,
    maxLines: 36,
    tabSize: 4,
    useSoftTabs: !/\n\t/.test(value) && /\n {2}/.test(value),
    showPrintMargin: false,
    wrap: true,
    fontSize: 14,
    enableKeyboardAccessibility: true,
    textInputAriaLabel: label,
  } as Partial<Ace.EditorOptions>);
  const scroller = element.querySelector(".ace_scroller");
  scroller?.setAttribute("aria-label", `${label}: press Enter to edit, Escape to leave`);
  editor.clearSelection();
  editor.moveCursorTo(0, 0);
  return editor;
}
