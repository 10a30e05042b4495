import { ConnectWidget } from "connect-widget/react";

export const wrong = <ConnectWidget theme="midnight" />;
