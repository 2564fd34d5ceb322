// Says whether the café is open at the visitor's time.
(function () {
  const place = document.getElementById("open");
  const hour = new Date().getHours();
  place.textContent = hour >= 8 && hour < 18
    ? "Open now, until six."
    : "Closed now. We open at eight.";
})();
