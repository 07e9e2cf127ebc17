// Layouts are assigned by explicit relayout nodes around the operators that want one; general
// passes then sink, cancel and absorb the relayouts. None of them knows operators: the policy does.
#pragma once

#include "passes/layout_policy.hpp"
#include "passes/pass.hpp"

namespace octet {

// Gives each operator that wants a layout a relayout in front of its operands and one behind.
Pass insert_relayouts_pass(LayoutPolicy policy);

// Moves relayouts to the default layout behind operators that follow their operands, where at least
// half of those operands come from that layout. The others get a relayout of their own.
Pass sink_relayouts_pass(LayoutPolicy policy);

// A chain of relayouts becomes one or none; equal relayouts of one value become one; a relayout
// that does not change the order in memory stays only as long as somebody needs its type.
Pass cancel_relayouts_pass();

// A relayout next to an operator that converts layouts anyway becomes part of it.
Pass absorb_relayouts_pass(LayoutPolicy policy);

}  // namespace octet
