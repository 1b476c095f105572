// A sign of life while somebody is really here: tab visible, and a touch, key, scroll or playback
// within the last minute (five minutes where people read).
const { pingUrl, csrf, pingReading } = document.body.dataset;
const STILL_HERE = (pingReading === undefined ? 60 : 300) * 1000;
let last = Date.now();
const here = () => (last = Date.now());
for (const kind of ["pointerdown", "pointermove", "keydown", "input", "scroll", "touchstart"]) {
  addEventListener(kind, here, { passive: true, capture: true });
}
document.addEventListener("timeupdate", here, true);
const timer = setInterval(async () => {
  if (document.hidden || Date.now() - last > STILL_HERE) return;
  const answer = await fetch(pingUrl, { method: "POST", keepalive: true, headers: { "X-CSRFToken": csrf } }).catch(() => null);
  if (answer?.status === 403 || answer?.status === 404) clearInterval(timer);
}, 30000);
