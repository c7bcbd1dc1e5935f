// Runs in the page: plays with one of two players that others wrote, and watches the picture and the sound that come out.
/* global Hls, shaka */
window.watched = { errors: [], stalls: [], flashes: [], flashedAt: [], beeps: [] };

const seekMs = 10_000;
const freezeMs = 2_000;
const waitMs = 500;
// The first picture of a film with B-frames is two pictures after 0. Who gets there first, Chromium or the player, is not ours.
const firstPicture = 0.3;
// With so many seconds in the buffer it is the browser that is late; how late it may be say `waiting` and `freeze`.
const enough = 1;

/** Time may stand at the very beginning, and from where the test seeks until it moves; nowhere else, nor may a player jump. */
const clock = {
  moves: false,
  sought: null,
  from: 0,
  seek(to) {
    this.moves = false;
    this.sought = to;
    window.video.currentTime = to;
  },
  watch(video) {
    const note = (what) => window.watched.stalls.push(`${what} at ${video.currentTime} s`);
    video.addEventListener("seeking", () => {
      const byTest = this.sought !== null && Math.abs(video.currentTime - this.sought) < 0.001;
      if (!byTest && !this.atFirstPicture(video)) note("a jump");
      [this.moves, this.from] = [false, Infinity];
    });
    video.addEventListener("seeked", () => (this.from = video.currentTime));
    video.addEventListener("timeupdate", () => (this.moves ||= !video.seeking && video.currentTime > this.from));
    video.addEventListener("waiting", () => {
      const at = video.currentTime;
      setTimeout(() => this.moves && !video.ended && video.currentTime === at && note("waiting"), waitMs);
    });
    let [stoodAt, since] = [0, performance.now()];
    setInterval(() => {
      const now = performance.now();
      const stands = this.moves && !video.paused && video.currentTime === stoodAt;
      if (stands && now - since > freezeMs) note("a freeze");
      else if (stands) return;
      [stoodAt, since] = [video.currentTime, now];
    }, 100);
  },
  atFirstPicture(video) {
    return this.sought === null && video.currentTime < firstPicture;
  },
};

window.begin = async (engine, url) => {
  const video = document.querySelector("video");
  window.video = video;
  clock.watch(video);
  video.addEventListener("error", () => window.watched.errors.push(`video: ${video.error?.message}`));
  if (engine === "hls.js") {
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_event, data) => {
      const stall = data.details === "bufferStalledError" && !data.fatal;
      const excused = stall && (!clock.moves || data.buffer >= enough);
      const toFirstPicture = data.details === "bufferSeekOverHole" && clock.atFirstPicture(video);
      if (!excused && !toFirstPicture) window.watched.errors.push(`${data.type} ${data.details} ${data.reason ?? ""}`);
    });
    window.hls = hls;
    hls.loadSource(url);
    hls.attachMedia(video);
  } else {
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    player.addEventListener("error", (event) => window.watched.errors.push(`shaka ${event.detail.code} ${event.detail.message}`));
    await player.attach(video);
    await player.load(url);
  }
  await video.play();
};

/** From now on: the moments (milliseconds of the page's clock) at which a flash is shown and a beep is heard. */
window.watch = () => {
  const { video } = window;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 4096 });
  context.createMediaElementSource(video).connect(analyser).connect(context.destination);
  const heard = new Float32Array(analyser.fftSize);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  // A browser that is late leaves pictures out: only where the one before was looked at is a flash's first picture known.
  const twoPictures = 0.06;
  let before = -Infinity;
  let bright = true;
  let lastBeep = -Infinity;
  const look = (_now, frame) => {
    canvas.drawImage(video, 0, 0, 1, 1);
    const white = canvas.getImageData(0, 0, 1, 1).data[0] > 128;
    if (white && !bright) {
      window.watched.flashes.push(frame.expectedDisplayTime);
      if (frame.mediaTime - before < twoPictures) window.watched.flashedAt.push(frame.mediaTime);
    }
    [bright, before] = [white, frame.mediaTime];
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  setInterval(() => {
    analyser.getFloatTimeDomainData(heard);
    const at = performance.now();
    const first = heard.findIndex((value) => Math.abs(value) > 0.3);
    // What it holds begins with silence: the beep began in it.
    if (first < 200) return;
    const moment = at - ((heard.length - first) * 1000) / context.sampleRate;
    if (moment - lastBeep > 500) window.watched.beeps.push(moment);
    lastBeep = moment;
  }, 10);
};

/** What is written under the picture now, and all that has been fetched of it. */
window.subtitles = () => {
  const [track] = window.video.textTracks;
  const cue = ({ startTime, endTime, text }) => ({ startTime, endTime, text });
  return { at: window.video.currentTime, active: [...track.activeCues].map(cue), all: [...track.cues].map(cue) };
};

window.seek = (to) =>
  new Promise((done, fail) => {
    const { video } = window;
    const late = () => fail(new Error(`a seek to ${to} led nowhere within ${seekMs} ms; it is at ${video.currentTime}`));
    const timer = setTimeout(late, seekMs);
    const goesOn = () => {
      if (video.seeking || video.currentTime < to + 0.2) return;
      video.removeEventListener("timeupdate", goesOn);
      clearTimeout(timer);
      done(video.currentTime);
    };
    video.addEventListener("timeupdate", goesOn);
    clock.seek(to);
  });
