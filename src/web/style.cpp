// The style sheet of the pages: an airmail letter, light or dark as the reader's system is.
#include "web/pages.h"

namespace pigeon::web::pages {

std::string_view style() {
  return R"css(
:root{color-scheme:light dark;--paper:#f3efe6;--card:#fffdf8;--ink:#1d2433;--soft:#555e70;--line:#ddd6c8;
--accent:#1d4f9e;--on-accent:#fff;--red:#c8372d;--blue:#2a5db0}
@media (prefers-color-scheme:dark){:root{--paper:#11141a;--card:#1a1f28;--ink:#ece9e2;--soft:#a9b0bd;--line:#323947;
--accent:#8fb8ff;--on-accent:#0e1420;--red:#d9544a;--blue:#4f83d6}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;background:var(--paper);
color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
a{color:var(--accent)}
a:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:.5rem}
header,footer{padding:1.25rem 1.5rem;text-align:center}
header a{display:inline-flex;align-items:center;gap:.6rem;color:var(--ink);font-weight:650;text-decoration:none}
header svg{width:2rem;height:2rem;color:var(--accent)}
footer{color:var(--soft);font-size:.875rem}
main{flex:1;width:100%;max-width:34rem;margin:0 auto;padding:0 1rem}
article{overflow:hidden;background:var(--card);border:1px solid var(--line);border-radius:1rem;
box-shadow:0 1px 2px #0000000f,0 12px 32px #00000012}
article::before{content:"";display:block;height:.5rem;background:repeating-linear-gradient(135deg,var(--red) 0 1rem,
var(--card) 1rem 1.75rem,var(--blue) 1.75rem 2.75rem,var(--card) 2.75rem 3.5rem)}
.letter{padding:1.5rem 1.5rem 1.75rem}
h1{margin:0 0 1rem;font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
p{margin:0 0 1rem}
.letter>:last-child{margin-bottom:0}
.lead{font-size:1.125rem}
.soft{color:var(--soft);font-size:.9375rem}
.number{white-space:nowrap;font-variant-numeric:tabular-nums}
.stamp{margin:0 0 1.25rem;padding:1rem;border:2px dashed var(--line);border-radius:.75rem;text-align:center}
.stamp span{display:block;color:var(--soft);font-size:.9375rem}
.stamp strong{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}
.stamp .code{font-size:2.375rem;line-height:1.2;letter-spacing:.06em;margin-right:-.06em}
.warning{padding:.75rem 1rem;border-left:.3rem solid var(--red);border-radius:.35rem;background:var(--paper)}
.act{display:block;width:100%;padding:.9rem 1.25rem;border:0;border-radius:.75rem;
background:var(--accent);color:var(--on-accent);font:inherit;font-size:1.125rem;font-weight:650;text-align:center;
text-decoration:none;cursor:pointer}
.act:hover{filter:brightness(1.08)}
.act:active{filter:brightness(.94)}
form{margin:0 0 1rem}
ol{margin:0 0 1.25rem;padding:0;list-style:none;counter-reset:step}
ol li{position:relative;padding:.2rem 0 .45rem 2.6rem;counter-increment:step}
ol li::before{content:counter(step);position:absolute;left:0;top:.15rem;width:1.8rem;height:1.8rem;border-radius:50%;
border:1.5px solid var(--line);color:var(--accent);font-weight:650;line-height:1.7rem;text-align:center}
@media (min-width:40rem){header{padding-top:3rem}.letter{padding:2rem 2.25rem 2.25rem}h1{font-size:2rem}}
@media (forced-colors:active){.act{border:2px solid ButtonText}}
)css";
}

}  // namespace pigeon::web::pages
