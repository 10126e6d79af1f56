// What a box does to its card: syncs and octets a text, and its pace on a card that takes long for a sync.
#pragma once

namespace pigeon::bench {

void measure_disk();     // prints two lines; throws when the box does not work
void measure_sd_card();  // the same with every sync 20 ms longer: latency, a burst, what was lost or doubled

}  // namespace pigeon::bench
