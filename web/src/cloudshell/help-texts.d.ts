declare module "virtual:help-texts/*" {
  const texts: import("./texts").HelpTexts;
  export default texts;
}
