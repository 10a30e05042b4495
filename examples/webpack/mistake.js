import "connect-widget";

const widget = document.createElement("connect-widget");
widget.theme = "midnight";
