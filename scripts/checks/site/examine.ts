/** Runs in the browser: looks at each page in a frame. It is sent as text, so it imports nothing. */
export async function examine({ pages, widths }: { pages: string[]; widths: number[] }): Promise<void> {
  const problems: string[] = [];
  let views = 0;

  const open = (frame: HTMLIFrameElement, page: string, width: number): Promise<Document> =>
    new Promise((resolve, reject) => {
      frame.style.width = `${width}px`;
      frame.onload = () => (frame.contentDocument ? resolve(frame.contentDocument) : reject(new Error("no document")));
      frame.src = `/${page}`;
    });
  const addFrame = (): HTMLIFrameElement => {
    const frame = document.createElement("iframe");
    frame.style.height = "900px";
    document.body.append(frame);
    return frame;
  };
  const waitFor = async (condition: () => boolean): Promise<boolean> => {
    for (let tries = 0; tries < 100 && !condition(); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return condition();
  };

  const look = async (frame: HTMLIFrameElement, page: string, width: number, theme: string): Promise<void> => {
    const shown = await open(frame, page, width);
    views++;
    // The page is hidden until its script has run.
    if (!(await waitFor(() => shown.body.style.display !== "none"))) {
      problems.push(`${page} stays hidden`);
    }
    const { scrollWidth, clientWidth } = shown.documentElement;
    if (scrollWidth > clientWidth + 1) {
      problems.push(`${page} at ${width} px is ${scrollWidth} px wide`);
    }
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(shown.body).backgroundColor.match(/\d+/g) ?? []).map(
      Number,
    );
    const isDark = red + green + blue < 3 * 128;
    if (isDark !== (theme === "dark")) {
      problems.push(`${page} is not ${theme} in the ${theme} theme`);
    }
  };

  /** The navigation is made by a script: its links are in no file. */
  const checkNavigation = async (): Promise<void> => {
    const shown = await open(addFrame(), "index.html", 1280);
    const links = (): HTMLAnchorElement[] => [
      ...shown.querySelectorAll<HTMLAnchorElement>("#tsd-nav-container a[href]"),
    ];
    if (!(await waitFor(() => links().length > 10))) {
      problems.push("index.html has no navigation");
    }
    for (const { href } of links()) {
      const { ok, status } = await fetch(href);
      ok || problems.push(`the navigation leads to ${href}: ${status}`);
    }
  };

  const checkSearch = async (text: string, expected: string): Promise<void> => {
    const shown = await open(addFrame(), "index.html", 1280);
    shown.getElementById("tsd-search-trigger")?.click();
    const input = shown.getElementById("tsd-search-input");
    const results = (): string => shown.getElementById("tsd-search-results")?.innerHTML ?? "";
    const status = shown.getElementById("tsd-search-status");
    // The status is empty once the index has been loaded.
    await waitFor(() => status?.textContent?.trim() === "");
    if (input && "value" in input) {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    await waitFor(() => results().includes(expected));
    results().includes(expected) || problems.push(`the search for "${text}" does not find ${expected}`);
  };

  try {
    for (const [index, width] of widths.entries()) {
      const theme = index % 2 === 0 ? "light" : "dark";
      localStorage.setItem("tsd-theme", theme);
      const rest = [...pages];
      const lookAtRest = async (frame: HTMLIFrameElement): Promise<void> => {
        for (let page = rest.pop(); page !== undefined; page = rest.pop()) {
          await look(frame, page, width, theme);
        }
      };
      await Promise.all(Array.from({ length: 4 }, () => lookAtRest(addFrame())));
    }
    await checkNavigation();
    await checkSearch("proxy", "documents/Proxies.html");
    await checkSearch("ConnectorCreate", "types/databar-client.ConnectorCreate.html");
  } catch (error) {
    problems.push(String(error));
  }
  await fetch("/-/report", { method: "POST", body: JSON.stringify({ problems, views }) });
}
