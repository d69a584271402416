using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mlops.Validation;

/// <summary>Looks for misspelt names in JSON that people edit, before it is read, so that the error can name the line and the word that was meant.</summary>
internal sealed class JsonShape(string source)
{
    private readonly Dictionary<string, long> _lines = new(StringComparer.Ordinal);

    /// <summary>Gets the line on which a value starts, from 1; 0 where there is no such value.</summary>
    public long LineOf(string path) => _lines.GetValueOrDefault(path);

    /// <summary>Checks the names of all properties, kinds and choices.</summary>
    /// <exception cref="DataFormatException">A name is not known.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public void Check(ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        reader.Read();
        var place = new Place(json);
        CheckValue(ref reader, type, "$", ref place);
    }

    private void CheckValue(ref Utf8JsonReader reader, JsonTypeInfo type, string path, ref Place place)
    {
        _lines[path] = place.LineAt(reader.TokenStartIndex);
        var valueType = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (Describe(valueType, type) is { } expected && !IsOf(reader.TokenType, valueType, type))
            throw new DataFormatException(source, LineOf(path), null, $"{path} is {Describe(reader.TokenType)}; {expected} is expected there.");
        if (valueType.IsEnum && reader.TokenType == JsonTokenType.String) CheckChoice(reader.GetString()!, valueType, path);
        else if (reader.TokenType == JsonTokenType.StartObject && type.Kind == JsonTypeInfoKind.Object) CheckObject(ref reader, Resolve(reader, type, path), path, ref place);
        else if (reader.TokenType == JsonTokenType.StartArray && type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element }) CheckArray(ref reader, type.Options.GetTypeInfo(element), path, ref place);
        else reader.Skip();
    }

    private void CheckObject(ref Utf8JsonReader reader, JsonTypeInfo type, string path, ref Place place)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            var line = place.LineAt(reader.TokenStartIndex);
            var property = type.Properties.FirstOrDefault(property => property.Name == name);
            if (!found.Add(name)) throw new DataFormatException(source, line, null, $"{path} has the property '{name}' twice; keep one.");
            reader.Read();
            if (property is { IsSetNullable: true } && reader.TokenType == JsonTokenType.Null) continue;
            if (property is not null) CheckValue(ref reader, type.Options.GetTypeInfo(property.PropertyType), $"{path}.{name}", ref place);
            else if (name == Discriminator) reader.Skip();
            else throw Unknown(line, $"{path} has a property '{name}', which is not known there", name, type.Properties.Select(known => known.Name));
        }

        foreach (var property in type.Properties)
        {
            // What has no default must be there.
            if (property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false } && !found.Contains(property.Name))
                throw new DataFormatException(source, LineOf(path), null, $"{path} lacks the property '{property.Name}', {Describe(property.PropertyType, type.Options.GetTypeInfo(property.PropertyType))}.");
        }
    }

    private void CheckArray(ref Utf8JsonReader reader, JsonTypeInfo element, string path, ref Place place)
    {
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++) CheckValue(ref reader, element, $"{path}[{i}]", ref place);
    }

    /// <summary>Finds which of several types an object is of, by its kind, wherever in the object that stands.</summary>
    private JsonTypeInfo Resolve(Utf8JsonReader reader, JsonTypeInfo type, string path)
    {
        if (type.PolymorphismOptions is not { } options) return type;
        var kinds = options.DerivedTypes.Select(derived => (string)derived.TypeDiscriminator!);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isKind = reader.ValueTextEquals(Discriminator);
            reader.Read();
            if (!isKind)
            {
                reader.Skip();
                continue;
            }

            var kind = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            foreach (var derived in options.DerivedTypes)
            {
                if (kind == (string)derived.TypeDiscriminator!) return type.Options.GetTypeInfo(derived.DerivedType);
            }

            throw Unknown(LineOf(path), $"{path} is of a kind '{kind}', which is not known there", kind, kinds);
        }

        throw Unknown(LineOf(path), $"{path} does not say of which kind it is (\"{Discriminator}\": …)", null, kinds);
    }

    private void CheckChoice(string value, Type choices, string path)
    {
        var names = Enum.GetNames(choices);
        if (!names.Contains(value, StringComparer.OrdinalIgnoreCase)) throw Unknown(LineOf(path), $"{path} is '{value}', which is not a choice", value, names);
    }

    private DataFormatException Unknown(long line, string problem, string? name, IEnumerable<string> known)
    {
        var names = known.ToArray();
        var nearest = name is null ? null : NearestName.Find(name, names);
        return new DataFormatException(source, line, null, $"{problem}. {(nearest is null ? "" : $"Did you mean '{nearest}'? ")}Known are: {string.Join(", ", names)}.");
    }

    private static string Discriminator => "kind";

    private static bool IsNumber(Type type) => type == typeof(double) || type == typeof(long) || type == typeof(int);

    private static string? Describe(Type valueType, JsonTypeInfo type)
        => type.Kind == JsonTypeInfoKind.Object ? "an object"
        : type.Kind == JsonTypeInfoKind.Enumerable ? "a list"
        : valueType == typeof(bool) ? "true or false"
        : IsNumber(valueType) ? "a number"
        : valueType.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(valueType))}"
        : valueType == typeof(string) ? "a text"
        : null;

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a truth value",
    };

    private static bool IsOf(JsonTokenType token, Type valueType, JsonTypeInfo type)
        => type.Kind == JsonTypeInfoKind.Object ? token == JsonTokenType.StartObject
        : type.Kind == JsonTypeInfoKind.Enumerable ? token == JsonTokenType.StartArray
        : valueType == typeof(bool) ? token is JsonTokenType.True or JsonTokenType.False
        : IsNumber(valueType) ? token == JsonTokenType.Number
        : token == JsonTokenType.String;

    /// <summary>Counts lines as the reader goes on.</summary>
    private ref struct Place(ReadOnlySpan<byte> json)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private long _line = 1;
        private int _position;

        public long LineAt(long index)
        {
            _line += _json[_position..(int)index].Count((byte)'\n');
            _position = (int)index;
            return _line;
        }
    }
}
