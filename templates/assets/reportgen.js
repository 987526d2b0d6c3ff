/* What the pages need beyond Material: interactive figures on demand, inputs that play them, a name for the search dialog. */
(() => {
  "use strict"
  const own = document.currentScript.src

  // Material's search box says role="dialog" and has no name.
  document.querySelector("[data-md-component=search]")?.setAttribute("aria-label", "Search")

  let library // Plotly is 5 MB: loaded once, and only if somebody asks
  const plotly = () => library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = new URL("plotly.min.js", own)
    script.onload = () => resolve(window.Plotly)
    script.onerror = reject
    document.head.append(script)
  })

  const make = (tag, properties) => Object.assign(document.createElement(tag), properties)
  const labelled = (text, input) => {
    const label = make("label", { textContent: `${text} ` })
    input.ariaLabel = text // without the options, which are words in the label too
    label.append(input)
    return label
  }

  // Native inputs that move a plot through its frames: Plotly's own slider answers neither keyboard nor screen reader.
  const playable = (Plotly, plot, { time, choice, seen, pause, choices }) => {
    const select = make("select", {})
    select.append(...choices.map(({ text }) => make("option", { textContent: text })))
    const slider = make("input", { type: "range", min: 0, step: 1 })
    const play = make("button", { type: "button", className: "play", textContent: "Play" })
    const told = make("span", { className: "told" })
    const now = () => choices[select.selectedIndex]
    const at = (place) => { slider.value = place; return show() }

    let timer
    const stop = () => {
      timer = clearInterval(timer)
      play.textContent = "Play"
    }
    const show = () => {
      const { name, text } = now().steps[slider.value]
      told.textContent = text
      slider.setAttribute("aria-valuetext", text)
      const how = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } }
      return Plotly.animate(plot, [name], how).catch(() => {}) // the next frame came before this one was drawn
    }
    const choose = async () => {
      stop()
      const { update, traces, layout, steps } = now()
      slider.max = steps.length - 1
      await Plotly.update(plot, update, layout, traces)
      await at(0)
    }
    const advance = () => {
      if (plot.hidden || slider.value === slider.max) stop()
      else at(slider.valueAsNumber + 1)
    }
    slider.addEventListener("input", () => { stop(); show() })
    select.addEventListener("change", choose)
    play.addEventListener("click", () => {
      if (timer) return stop()
      if (slider.value === slider.max) at(0)
      play.textContent = "Pause"
      timer = setInterval(advance, pause)
    })
    const row = make("div", { className: "controls" })
    if (choices.length > 1) row.append(labelled(choice, select))
    row.append(play, labelled(time, slider), told)
    if (seen) row.append(make("span", { className: "seen", textContent: seen }))
    return { row, ready: choose() }
  }

  for (const source of document.querySelectorAll("figure script.interactive")) {
    const figure = source.closest("figure")
    const picture = figure.querySelector("img")
    const button = document.createElement("button")
    button.type = "button"
    button.className = "explore"
    button.textContent = "Explore"
    button.setAttribute("aria-pressed", "false")
    figure.querySelector(".aside").prepend(button, " · ")

    let plot
    let row
    const draw = async () => {
      const { data, layout, frames, controls } = JSON.parse(source.textContent)
      plot = document.createElement("div")
      plot.className = "plot"
      plot.setAttribute("role", "img")
      plot.setAttribute("aria-label", picture.alt)
      picture.after(plot)
      const Plotly = await plotly()
      if (controls) layout.height = Math.min(layout.height, plot.clientWidth + controls.around)
      await Plotly.newPlot(plot, data, { ...layout, autosize: true }, { responsive: true, displaylogo: false })
      if (!controls) return
      await Plotly.addFrames(plot, frames)
      const player = playable(Plotly, plot, controls)
      row = player.row
      row.hidden = plot.hidden
      plot.after(row)
      await player.ready
    }
    button.addEventListener("click", async () => {
      const on = button.getAttribute("aria-pressed") === "false"
      button.setAttribute("aria-pressed", String(on))
      button.textContent = on ? "Still picture" : "Explore"
      if (on && !plot) await draw()
      plot.hidden = !on
      if (row) row.hidden = !on
      picture.hidden = on
      if (on && row) row.querySelector("select, button").focus() // Tab goes on from there
    })
  }
})()
