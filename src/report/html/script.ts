// The only script of the HTML report: search and filters. Without it every row is shown.

export const script: string = `
"use strict";
document.documentElement.classList.add("scripted");
const rows=[...document.querySelectorAll("#findings tbody tr")];
const texts=rows.map((row)=>row.textContent.toLowerCase());
const search=document.getElementById("search");
const none=document.getElementById("none");
const shown=document.getElementById("shown");
const chips=[...document.querySelectorAll("[data-filter]")];
const pressed=(group)=>chips.filter((chip)=>chip.dataset.filter===group&&chip.getAttribute("aria-pressed")==="true").map((chip)=>chip.dataset.value);
function filter(){
  const words=search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const groups=["severity","kind","layer","fixable"].map((group)=>[group,pressed(group)]).filter(([,values])=>values.length>0);
  let count=0;
  rows.forEach((row,at)=>{
    const fits=words.every((word)=>texts[at].includes(word))&&groups.every(([group,values])=>values.includes(row.dataset[group]));
    row.hidden=!fits;
    if(fits)count+=1;
  });
  none.hidden=count>0;
  shown.textContent=count===rows.length?String(count):count+" of "+rows.length;
}
for(const chip of chips)chip.addEventListener("click",()=>{
  const now=chip.getAttribute("aria-pressed")!=="true";
  if(chip.dataset.filter==="layer")for(const other of chips)if(other.dataset.filter==="layer")other.setAttribute("aria-pressed","false");
  chip.setAttribute("aria-pressed",String(now));
  filter();
  if(now&&chip.dataset.filter==="layer")document.getElementById("findings").scrollIntoView();
});
if(search){
  search.addEventListener("input",filter);
  document.addEventListener("keydown",(event)=>{
    if(event.key==="/"&&document.activeElement!==search){event.preventDefault();search.focus();}
    if(event.key==="Escape"&&document.activeElement===search){search.value="";filter();search.blur();}
  });
}
const names=document.getElementById("package-search");
if(names){
  const list=[...document.querySelectorAll("#packages tbody tr")];
  const keys=list.map((row)=>row.textContent.toLowerCase());
  names.addEventListener("input",()=>{
    const word=names.value.toLowerCase();
    list.forEach((row,at)=>{row.hidden=!keys[at].includes(word);});
  });
}
`;
