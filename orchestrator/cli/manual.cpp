#include "orchestrator/cli/manual.hpp"

#include "orchestrator/cli/tree.hpp"

namespace carrel::cli {
namespace {

using tree::Command;
using tree::Option;

/// Text for troff: no escape, no request, a hyphen that can be copied.
std::string safe(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  if (result.starts_with('.') || result.starts_with('\'')) result.insert(0, "\\&");
  return result;
}

std::string bold(const std::string& text) {
  return "\\fB" + safe(text) + "\\fR";
}
std::string italic(const std::string& text) {
  return "\\fI" + safe(text) + "\\fR";
}

std::string option_names(const Option& option) {
  std::string text;
  for (const auto& name : option.names) text += (text.empty() ? "" : ", ") + bold(name);
  if (option.label.empty()) return text;
  return text + (option.value_is_optional ? " [" + italic(option.label) + "]" : " " + italic(option.label));
}

std::string entry(const std::string& head, const std::string& text) {
  return ".TP\n" + head + "\n" + safe(text) + "\n";
}

std::string command_entry(const Command& command) {
  std::string head = bold(tree::joined(command.path));
  for (const auto& argument : command.arguments) head += " " + italic(argument.label);
  if (!command.options.empty()) head += " [" + italic("options") + "]";
  std::string text = entry(head, command.description);
  if (command.options.empty() && command.arguments.empty()) return text;
  text += ".RS\n";
  for (const auto& argument : command.arguments) text += entry(italic(argument.label), argument.description);
  for (const auto& option : command.options) text += entry(option_names(option), option.description);
  return text + ".RE\n";
}

constexpr char kHead[] =
    R"(.\" Made from the command tree by carrelctl's tests; edit orchestrator/cli instead.
.TH CARRELCTL 1 "" "Carrel" "User Commands"
.SH NAME
carrelctl \- look after a carreld and its sandboxes
.SH SYNOPSIS
.B carrelctl
.RI [ options ]
.I command
.RI [ arguments ]
.SH DESCRIPTION
.B carrelctl
asks the daemon
.BR carreld ,
which gives every viewer a container of their own, what is going on, and changes it.
It speaks to the daemon's admin socket, which is for root and the user that the daemon runs as, or, with
.BR \-\-url ,
to a daemon elsewhere with a token.
.PP
The socket is looked for where the configuration of
.B carreld
says
.RB ( ./carrel.toml ,
.BR .env ,
the environment), and, unless that names a data directory, in
.I ~/.local/share/carrel
and
.IR /var/lib/carrel .
.PP
The ids of sandboxes and sessions may be shortened as long as they are unique.
Tables fit the terminal; what does not fit is shortened or left out.
.B \-\-json
has everything.
)";

constexpr char kTail[] = R"(.SH EXIT STATUS
.TP
.B 0
It is done.
.TP
.B 1
It failed; the message says why.
.TP
.B 2
The command line is wrong.
.TP
.B 3
The named thing does not exist.
.TP
.B 4
This user, or this token, may not do it.
.TP
.B 5
No daemon answers.
.SH ENVIRONMENT
.TP
.BR CARRELCTL_URL ", " CARRELCTL_TOKEN_FILE
Used when neither
.B \-\-socket
nor
.BR \-\-url ", " \-\-token\-file
are given.
.TP
.B NO_COLOR
Without colours, when it is not empty.
.TP
.B CARREL_...
The configuration of
.BR carreld ,
of which the place of the socket and what
.B doctor
looks at follow.
.SH FILES
.TP
.I data.dir/run/admin.sock
The admin socket; the setting
.B admin.socket
names another.
.SH EXAMPLES
.nf
carrelctl status \-\-watch
carrelctl sandbox why 01a1fa79
carrelctl user add anna \-\-role admin
carrelctl token add backup > token
carrelctl \-\-url https://films.example \-\-token\-file token status
carrelctl completion bash > /etc/bash_completion.d/carrelctl
.fi
)";

}  // namespace

std::string manual(const CLI::App& root) {
  const auto all = tree::commands(root);
  std::string page = kHead;
  page += ".SH OPTIONS\nThese may stand anywhere.\n";
  for (const auto& option : all.front().options) page += entry(option_names(option), option.description);
  page += ".SH COMMANDS\n";
  for (const auto& command : all) {
    const bool says_nothing = command.path.empty();
    if (says_nothing) continue;
    if (!command.subcommands.empty()) {
      page += ".SS " + safe(tree::joined(command.path)) + "\n" + safe(command.description) + "\n";
    } else {
      page += command_entry(command);
    }
  }
  return page + kTail;
}

}  // namespace carrel::cli
