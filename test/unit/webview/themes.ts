/** Colours of VS Code's own themes, as far as our pages use them. */
export type Theme = "dark" | "light" | "hcDark" | "hcLight";

function css(fields: Record<string, string>): string {
  const common = {
    "font-family": '"DejaVu Sans", sans-serif',
    "font-size": "13px",
    "editor-font-family": '"DejaVu Sans Mono", monospace',
    "editor-font-size": "12px",
  };
  const lines = Object.entries({ ...common, ...fields }).map(
    ([name, value]) => `--vscode-${name}: ${value};`,
  );
  return `:root { ${lines.join(" ")} } body { background: var(--vscode-panel-background); }`;
}

/** Both of high contrast: lines in place of grounds. */
const contrast = (line: string, active: string, ground: string, text: string) => ({
  ...{ contrastBorder: line, contrastActiveBorder: active, foreground: text, descriptionForeground: text },
  ...{ "panel-background": ground, "panel-border": line, focusBorder: active },
  ...{ "input-background": ground, "input-foreground": text, "input-border": line },
  ...{ "input-placeholderForeground": text, "dropdown-background": ground, "dropdown-foreground": text },
  ...{ "button-background": ground, "button-foreground": text, "button-hoverBackground": ground },
  ...{
    "editorWidget-background": ground,
    "editorWidget-foreground": text,
    "inputOption-activeBackground": ground,
  },
  ...{ "inputOption-activeForeground": text, "inputOption-activeBorder": active },
  ...{ "editor-background": ground, "textCodeBlock-background": ground, "charts-green": "#89d185" },
  ...{ "button-secondaryBackground": ground, "button-secondaryForeground": text },
  ...{ "symbolIcon-propertyForeground": text, "editorLineNumber-foreground": text },
});

export const themes: Record<Theme, string> = {
  dark: css({
    ...{ foreground: "#cccccc", descriptionForeground: "#9d9d9d", focusBorder: "#0078d4" },
    ...{ "panel-background": "#181818", "panel-border": "#2b2b2b", "charts-blue": "#3794ff" },
    ...{ "input-background": "#313131", "input-foreground": "#cccccc", "input-border": "#3c3c3c" },
    ...{ "input-placeholderForeground": "#989898", "inputOption-activeBackground": "#2489db82" },
    ...{ "inputOption-activeForeground": "#ffffff", "inputOption-activeBorder": "#2488db" },
    ...{ "dropdown-background": "#313131", "dropdown-foreground": "#cccccc", "dropdown-border": "#3c3c3c" },
    ...{
      "button-background": "#0078d4",
      "button-foreground": "#ffffff",
      "button-hoverBackground": "#026ec1",
    },
    ...{ "list-hoverBackground": "#2a2d2e", "list-activeSelectionBackground": "#04395e" },
    ...{ "list-activeSelectionForeground": "#ffffff", "list-inactiveSelectionBackground": "#37373d" },
    ...{ "list-errorForeground": "#f88070", "list-warningForeground": "#cca700" },
    ...{ "editorWidget-background": "#202020", "editorWidget-foreground": "#cccccc" },
    ...{ "editor-background": "#1f1f1f", "textCodeBlock-background": "#2b2b2b", "charts-green": "#89d185" },
    ...{ "button-secondaryBackground": "#313131", "button-secondaryForeground": "#cccccc" },
    ...{ "symbolIcon-propertyForeground": "#9cdcfe", "charts-purple": "#b180d7" },
    ...{ "editorLineNumber-foreground": "#8e8e8e", "panelTitle-activeBorder": "#0078d4" },
    ...{ "toolbar-hoverBackground": "#5a5d5e50", "editorError-foreground": "#f14c4c" },
  }),
  light: css({
    ...{ foreground: "#3b3b3b", descriptionForeground: "#3b3b3b", focusBorder: "#005fb8" },
    ...{ "panel-background": "#f8f8f8", "panel-border": "#e5e5e5", "charts-blue": "#1a85ff" },
    ...{ "input-background": "#ffffff", "input-foreground": "#3b3b3b", "input-border": "#cecece" },
    ...{ "input-placeholderForeground": "#767676", "inputOption-activeBackground": "#bed6ed" },
    ...{ "inputOption-activeForeground": "#000000", "inputOption-activeBorder": "#005fb8" },
    ...{ "dropdown-background": "#ffffff", "dropdown-foreground": "#3b3b3b", "dropdown-border": "#cecece" },
    ...{
      "button-background": "#005fb8",
      "button-foreground": "#ffffff",
      "button-hoverBackground": "#0258a8",
    },
    ...{ "list-hoverBackground": "#f2f2f2", "list-activeSelectionBackground": "#e8e8e8" },
    ...{ "list-activeSelectionForeground": "#000000", "list-inactiveSelectionBackground": "#e4e6f1" },
    ...{ "list-errorForeground": "#b01011", "list-warningForeground": "#855f00" },
    ...{ "editorWidget-background": "#f8f8f8", "editorWidget-foreground": "#3b3b3b" },
    ...{ "editor-background": "#ffffff", "textCodeBlock-background": "#f2f2f2", "charts-green": "#388a34" },
    ...{ "button-secondaryBackground": "#e5e5e5", "button-secondaryForeground": "#3b3b3b" },
    ...{ "symbolIcon-propertyForeground": "#0451a5", "charts-purple": "#652d90" },
    ...{ "editorLineNumber-foreground": "#5f6470", "panelTitle-activeBorder": "#005fb8" },
    ...{ "toolbar-hoverBackground": "#b8b8b850", "editorError-foreground": "#e51400" },
  }),
  hcDark: css({
    ...contrast("#6fc3df", "#f38518", "#000000", "#ffffff"),
    ...{ "list-errorForeground": "#f48771", "list-warningForeground": "#ffd370", "charts-blue": "#3794ff" },
    ...{ "list-hoverBackground": "#ffffff1a", "list-activeSelectionForeground": "#ffffff" },
  }),
  hcLight: css({
    ...contrast("#0f4a85", "#0f4a85", "#ffffff", "#292929"),
    ...{ "list-errorForeground": "#b5200d", "list-warningForeground": "#895503", "charts-blue": "#1a85ff" },
    ...{ "list-hoverBackground": "#0f4a851a", "list-activeSelectionForeground": "#292929" },
  }),
};
