// Large photos become smaller before they are sent: a telephone's picture of ten megabytes would take
// minutes on a slow line, and the server keeps no more of it than this. What cannot be drawn goes as it is.
const LONGEST_SIDE = 2400; // as the server
const LARGE = 1_000_000;
const TYPES = new Set(["image/jpeg", "image/webp", "image/png"]);

const megabytes = (bytes) => (bytes / 1048576).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

const smaller = async (file) => {
  if (!TYPES.has(file.type) || file.size < LARGE) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, file.type, 0.85));
    // A browser that cannot write this format gives another one: the name would no longer fit.
    if (!blob || blob.type !== file.type || blob.size >= file.size) return file;
    return new File([blob], file.name, { type: file.type, lastModified: file.lastModified });
  } catch {
    return file; // damaged, or too large for this device: the server says what is wrong
  }
};

for (const field of document.querySelectorAll("input[type=file][data-shrink]")) {
  const status = field.parentElement.querySelector("[data-shrink-status]");
  let work = null;
  field.addEventListener("change", () => {
    const chosen = [...field.files];
    if (!chosen.some((file) => TYPES.has(file.type) && file.size >= LARGE)) {
      status.textContent = "";
      return;
    }
    status.textContent = field.dataset.textShrinking;
    const mine = (work = Promise.all(chosen.map(smaller)).then((files) => {
      if (work !== mine) return; // something else was chosen meanwhile
      work = null;
      const list = new DataTransfer();
      files.forEach((file) => list.items.add(file));
      field.files = list.files; // makes no new "change"
      const lines = files.filter((file, n) => file !== chosen[n]).map((file) => {
        const before = chosen[files.indexOf(file)].size;
        return field.dataset.textShrunk.replace("{name}", file.name).replace("{before}", megabytes(before)).replace("{after}", megabytes(file.size));
      });
      status.textContent = lines.join(" · ");
    }));
  });
  // A press in between waits for the pictures, and then counts.
  field.form.addEventListener("submit", (event) => {
    if (!work) return;
    event.preventDefault();
    const { submitter } = event;
    work.then(() => field.form.requestSubmit(submitter));
  });
}
