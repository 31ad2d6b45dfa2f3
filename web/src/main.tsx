import "@cloudscape-design/global-styles/index.css";
import "./main.css";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { applyTheme } from "./shared/theme";

applyTheme();
createRoot(document.getElementById("root")!).render(<App />);
