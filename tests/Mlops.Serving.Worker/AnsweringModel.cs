using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlops.Serving.Worker;

/// <summary>Answers requests: sums of the numbers, the texts back, and the id of the process. A text that begins with '!' in the first row is a command to misbehave.</summary>
internal static class AnsweringModel
{
    public static async Task RunAsync(Stream input, Stream output)
    {
        using var reader = new StreamReader(input, new UTF8Encoding(false));
        await using var writer = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        await writer.WriteLineAsync("""{"about": {"protocol": 9}, "protocol": 1}""");
        while (await reader.ReadLineAsync() is { } line)
        {
            var request = JsonNode.Parse(line)!;
            var command = (string?)request["inputs"]!["command"]?[0]![0] ?? "";
            if (await AnswerAsync(request, command) is { } answer) await writer.WriteLineAsync(answer);
        }
    }

    private static async Task<string?> AnswerAsync(JsonNode request, string command)
    {
        var id = (long)request["id"]!;
        switch (command)
        {
            case "!exit":
                Environment.Exit(3);
                break;
            case "!kill":
                Process.GetCurrentProcess().Kill();
                await Task.Delay(Timeout.Infinite);
                break;
            case "!silence":
                return null;
            case "!slow":
                await Task.Delay(TimeSpan.FromSeconds(1));
                break;
            case "!flood":
                for (var i = 0; i < 20_000; i++) await Console.Error.WriteLineAsync(new string('e', 300));
                break;
            case "!long":
                return "{\"id\": 1, \"x\": \"" + new string('x', 200_000) + "\"}";
        }

        if (command.StartsWith("!line ", StringComparison.Ordinal)) return command[6..].Replace("ID", id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return Answer(id, request["inputs"]!).ToJsonString(new JsonSerializerOptions { WriteIndented = false });
    }

    private static JsonObject Answer(long id, JsonNode inputs)
    {
        var commands = inputs["command"]!.AsArray();
        var outputs = new JsonObject
        {
            ["echo"] = commands.DeepClone(),
            ["process"] = new JsonArray([.. commands.Select(_ => (JsonNode)Environment.ProcessId)]),
        };
        if (inputs["x"] is JsonArray rows) outputs["sum"] = new JsonArray([.. rows.Select(row => ToJson(row!.AsArray().Sum(ToNumber)))]);
        return new JsonObject { ["outputs"] = outputs, ["id"] = id };
    }

    private static double ToNumber(JsonNode? node)
        => node!.GetValueKind() == JsonValueKind.String ? double.Parse((string)node!, CultureInfo.InvariantCulture) : (double)node;

    private static JsonNode ToJson(double number) => double.IsFinite(number) ? number : number.ToString(CultureInfo.InvariantCulture);
}
