using System.Text;
using System.Text.Json.Nodes;

Console.InputEncoding = Encoding.UTF8;
Send(new JsonObject { ["protocol"] = 1 });
while (Console.ReadLine() is { } line)
{
    JsonNode request = JsonNode.Parse(line)!;
    try
    {
        Send(new JsonObject { ["id"] = (long)request["id"]!, ["outputs"] = Predict(request["inputs"]!) });
    }
    catch (Exception error)
    {
        Send(new JsonObject { ["id"] = (long)request["id"]!, ["error"] = error.Message });
    }
}

static JsonObject Predict(JsonNode inputs) => new() { ["y"] = new JsonArray([.. inputs["x"]!.AsArray().Select(row => JsonValue.Create((2 * (double)row![0]!) + (double)row[1]!))]) };

static void Send(JsonObject message) => Console.WriteLine(message.ToJsonString());
