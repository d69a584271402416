using System.Text.Json;

namespace Mlops.Data;

/// <summary>Infers columns and types from JSON objects.</summary>
internal sealed class JsonLinesInference(BadRowHandling badRowHandling)
{
    private readonly JsonPath _path = new();
    private readonly HashSet<string> _objects = new(StringComparer.Ordinal);
    private readonly InferredSchema _columns = new(badRowHandling);

    /// <summary>Gets the schema. What is an object in one row and a value in another is read as the text of its JSON, and its properties are no columns.</summary>
    public DataSchema ToSchema()
    {
        var mixed = new HashSet<string>(_objects.Where(_columns.Contains), StringComparer.Ordinal);
        foreach (var name in mixed) _columns.GetOrAdd(name).AddVector(0);
        return new DataSchema(_columns.ToSchema().Where(column => !mixed.Any(name => column.Name.StartsWith(name + ".", StringComparison.Ordinal))));
    }

    /// <summary>Takes in one line.</summary>
    /// <returns>Whether it is an object; where it is not, none or some of its properties are taken in.</returns>
    public bool TryAdd(ReadOnlySpan<byte> line)
    {
        try
        {
            var check = new Utf8JsonReader(line);
            if (!check.Read() || check.TokenType != JsonTokenType.StartObject) return false;
            check.Skip();
            if (check.Read()) return false;
        }
        catch (JsonException)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            _path.Clear();
            AddObject(ref reader);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // The name of a property is not UTF-8.
        }
    }

    private void AddObject(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var length = _path.Push(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                _objects.Add(_path.Text.ToString());
                AddObject(ref reader);
            }
            else if (_path.Text.Length > 0)
            {
                AddValue(ref reader, ref _columns.GetOrAdd(_path.Text.ToString()));
            }
            else
            {
                reader.Skip();
            }

            _path.Pop(length);
        }
    }

    private static void AddValue(ref Utf8JsonReader reader, ref TypeInference type)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                type.AddNumber(FieldText.TryParseNumber<long>(reader.ValueSpan, out _));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                type.AddBoolean();
                break;
            case JsonTokenType.String:
                type.AddString(reader.ValueIsEscaped ? default : reader.ValueSpan);
                break;
            case JsonTokenType.StartArray:
                type.AddVector(CountNumbers(ref reader));
                break;
        }
    }

    /// <summary>Counts the elements of an array; 0 when one of them is not a number.</summary>
    private static int CountNumbers(ref Utf8JsonReader reader)
    {
        var (count, areNumbers) = (0, true);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            areNumbers &= reader.TokenType == JsonTokenType.Number;
            reader.Skip();
            count++;
        }

        return areNumbers ? count : 0;
    }
}
