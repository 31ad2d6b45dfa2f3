import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore, type ClipboardEvent, type KeyboardEvent } from "react";
import { promptText, type Terminal } from "./terminal";
import "./cloudshell.css";

/** Tables are not folded: each scrolls, also by keys. */
function isTable(text: string): boolean {
  return /^-{3,}\n\|/.test(text);
}

/** The terminal as one sees it: what was shown, and the line to type in. */
export function Screen({ terminal }: { terminal: Terminal }) {
  const pieces = useSyncExternalStore(terminal.subscribe, terminal.shown);
  const busy = useSyncExternalStore(terminal.subscribe, terminal.busy);
  const [line, setLine] = useState("");
  const [caret, setCaret] = useState<number>();
  const back = useRef(0); // how far back in the history one is
  const draft = useRef(""); // what was typed before one went back
  const leaving = useRef(false); // Escape was pressed: the next Tab leaves
  const screen = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const ruler = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const measure = () => {
      const one = (ruler.current?.getBoundingClientRect().width ?? 0) / 10;
      if (one > 0 && screen.current) terminal.columns = Math.max(20, Math.floor((screen.current.clientWidth - 24) / one));
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (screen.current) observer.observe(screen.current);
    input.current?.focus();
    return () => observer.disconnect();
  }, [terminal]);

  useLayoutEffect(() => {
    const el = screen.current;
    if (el) el.scrollTop = el.scrollHeight;
  }, [pieces, line, busy]);

  useLayoutEffect(() => {
    if (caret === undefined) return;
    input.current?.setSelectionRange(caret, caret);
    setCaret(undefined);
  }, [caret]);

  const write = (text: string, at = text.length) => {
    setLine(text);
    setCaret(at);
  };
  const run = async (text: string) => {
    back.current = 0;
    draft.current = "";
    write("");
    await terminal.run(text);
    input.current?.focus();
  };
  const recall = (step: number): void => {
    const history = terminal.history;
    const next = Math.min(Math.max(back.current + step, 0), history.length);
    if (next === back.current) return;
    if (back.current === 0) draft.current = line;
    back.current = next;
    write(next === 0 ? draft.current : history[history.length - next]!);
  };
  const complete = async (at: number) => {
    const whole = await terminal.complete(line.slice(0, at));
    if (input.current?.value !== line) return; // it was typed on meanwhile
    write(whole + line.slice(at), whole.length);
  };

  const onKeyDown = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    const el = e.currentTarget;
    const at = el.selectionStart;
    const chosen = el.selectionEnd > at || String(window.getSelection()) !== "";
    const left = leaving.current;
    leaving.current = e.key === "Escape";
    const control = e.ctrlKey && !e.altKey && !e.metaKey && !e.shiftKey ? e.key.toLowerCase() : "";
    if (e.nativeEvent.isComposing) return;
    if (control === "c" && !chosen) {
      terminal.interrupt(line);
      back.current = 0;
      if (!busy) write("");
    } else if (control === "l") terminal.clear();
    else if (busy) {
      if (e.key !== "Enter") return;
    } else if (control === "u") write(line.slice(at), 0);
    else if (control === "a") setCaret(line.lastIndexOf("\n", at - 1) + 1);
    else if (control === "e") setCaret(line.indexOf("\n", at) < 0 ? line.length : line.indexOf("\n", at));
    else if (e.key === "Enter" && !e.shiftKey) {
      if (terminal.isOpen(line)) write(line.slice(0, at) + "\n" + line.slice(at), at + 1);
      else void run(line);
    } else if (e.key === "Tab" && !e.shiftKey && line !== "" && !left) void complete(at);
    else if (e.key === "ArrowUp" && !line.slice(0, at).includes("\n")) recall(1);
    else if (e.key === "ArrowDown" && !line.slice(at).includes("\n")) recall(-1);
    else return;
    e.preventDefault();
  };
  /** A text that ends with a line's end runs when it is pasted, as in any terminal. */
  const onPaste = (e: ClipboardEvent<HTMLTextAreaElement>) => {
    const text = e.clipboardData.getData("text/plain").replaceAll("\r\n", "\n");
    const el = e.currentTarget;
    const whole = line.slice(0, el.selectionStart) + text + line.slice(el.selectionEnd);
    if (busy || !text.endsWith("\n") || el.selectionEnd < line.length || terminal.isOpen(whole)) return;
    e.preventDefault();
    void run(whole.slice(0, -1));
  };

  return (
    <div
      ref={screen}
      className="cloudshell"
      onMouseUp={() => {
        if (String(window.getSelection()) === "") input.current?.focus();
      }}
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault();
        void terminal.upload(e.dataTransfer.files);
      }}
    >
      <div role="log" aria-live="polite" aria-label="Terminal output" className="cloudshell-log">
        {pieces.map((p) =>
          isTable(p.text) ? (
            <span key={p.id} className="cloudshell-table" role="group" aria-label="Table" tabIndex={0}>
              {p.text}
            </span>
          ) : (
            <span key={p.id} className={`cloudshell-${p.kind}`}>
              {p.text}
            </span>
          ),
        )}
      </div>
      <div className="cloudshell-line">
        <span aria-hidden="true">{busy ? "" : promptText}</span>
        <textarea
          ref={input}
          aria-label="Command"
          aria-describedby="cloudshell-keys"
          aria-busy={busy}
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          rows={line.split("\n").length}
          value={line}
          readOnly={busy}
          onChange={(e) => {
            back.current = 0;
            setLine(e.target.value);
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
      </div>
      <span ref={ruler} className="cloudshell-ruler" aria-hidden="true">
        MMMMMMMMMM
      </span>
      <span id="cloudshell-keys" className="visually-hidden">
        Tab completes. Press Escape and then Tab to leave the terminal.
      </span>
    </div>
  );
}
