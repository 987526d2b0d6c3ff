/* What the pages need beyond Material: interactive figures on demand, and a name for the search dialog. */
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
    const draw = async () => {
      const { data, layout } = JSON.parse(source.textContent)
      plot = document.createElement("div")
      plot.className = "plot"
      plot.setAttribute("role", "img")
      plot.setAttribute("aria-label", picture.alt)
      picture.after(plot)
      const Plotly = await plotly()
      await Plotly.newPlot(plot, data, { ...layout, autosize: true }, { responsive: true, displaylogo: false })
    }
    button.addEventListener("click", async () => {
      const on = button.getAttribute("aria-pressed") === "false"
      button.setAttribute("aria-pressed", String(on))
      button.textContent = on ? "Still picture" : "Explore"
      if (on && !plot) await draw()
      plot.hidden = !on
      picture.hidden = on
    })
  }
})()
