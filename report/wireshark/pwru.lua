-- SPDX-License-Identifier: GPL-2.0-only
--
-- pwru's fields in Wireshark and tshark, under the names that pwru-report -e and --json have, with pwru. before them:
--
--	tshark -X lua_script:pwru.lua -r pwru.pcapng -Y 'pwru.reason == "NETFILTER_DROP"' -T fields -e pwru.number -e pwru.func
--
-- Wireshark shows nothing of a file's custom options to a script, so this reads the packets' comments, which
-- pwru-record writes unless it is told not to; a short one tells only the function and the number. What is not said is
-- no field. Names, types and descriptions come from report/filter/fields.def when this is built.

local defined = {
@@FIELDS@@
}

-- What comments tell.
local told = {
	number = true, func = true, ifname = true, netns = true, cpu = true, comm = true, pid = true, len = true, mark = true,
	reason = true, caller_func = true, caller_offset = true,
}

local pwru = Proto("pwru", "pwru")
local fields, is_number = {}, {}

for _, row in ipairs(defined) do
	local name, kind, help = row[1], row[2], row[3]
	local abbreviation = "pwru." .. name
	if told[name] then
		is_number[name] = kind == "NUMBER"
		fields[name] = is_number[name] and ProtoField.uint64(abbreviation, name, base.DEC, nil, nil, help)
			or ProtoField.string(abbreviation, name, base.NONE, help)
	end
end

pwru.fields = fields

local comment_of = Field.new("frame.comment")

-- {name = text} of a comment; nil when it is none of pwru's.
local function parse(comment)
	local func, number, rest = comment:match("^func=(.-) packet=(%d+) (.*)$")
	if not func then
		func, number = comment:match("^(%S+) #(%d+)$")
		return func and {func = func, number = number}
	end
	local said = {func = func, number = number}
	-- A process's name may hold anything; what follows it does not.
	local before, comm, pid, after = rest:match("^(.-)proc=(.*):(%d+) (len=%d+ mark=%d+.*)$")
	if not before then
		return nil
	end
	said.comm, said.pid = comm, pid
	said.ifname = before:match("^if=(.-) netns=")
	said.netns, said.cpu = before:match("netns=(%d+) cpu=(%d+) $")
	said.len, said.mark = after:match("^len=(%d+) mark=(%d+)")
	said.reason = after:match(" reason=(%S+)")
	local place = after:match(" by=(%S+)$")
	if place then
		local name, offset = place:match("^(.-)%+0x(%x+)$")
		said.caller_func = name
		said.caller_offset = offset and string.format("%d", tonumber(offset, 16))
	end
	return said
end

local function number64(text)
	local value = tonumber(text)
	return UInt64.new(value % 4294967296, math.floor(value / 4294967296))
end

function pwru.dissector(_, _, tree)
	local comments = {comment_of()}
	for _, info in ipairs(comments) do
		local said = parse(tostring(info.value))
		if said then
			local top = tree:add(pwru)
			for _, row in ipairs(defined) do
				local name = row[1]
				if said[name] then
					top:add(fields[name], is_number[name] and number64(said[name]) or said[name])
				end
			end
		end
	end
end

register_postdissector(pwru)
