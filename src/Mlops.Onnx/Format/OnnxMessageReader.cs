namespace Mlops.Onnx;

/// <summary>Reads the file of a model (ModelProto) without ONNX Runtime.</summary>
/// <remarks>Source: onnx.proto of the ONNX project; the numbers are those of its fields.</remarks>
internal static class OnnxMessageReader
{
    /// <summary>Reads a model.</summary>
    /// <exception cref="ProtobufException">The bytes are no model; the message says where they fail.</exception>
    public static ModelMessage ReadModel(ReadOnlySpan<byte> bytes)
    {
        var model = new ModelMessage();
        var reader = new ProtobufReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2: model.ProducerName = reader.ReadText(); break;
                case 4: model.Domain = reader.ReadText(); break;
                case 5: model.Version = reader.ReadInteger(); break;
                case 6: model.Description = reader.ReadText(); break;
                case 7: model.Graph = ReadGraph(reader.ReadMessage()); break;
                case 8: ReadOperatorSet(reader.ReadMessage(), model.OperatorSets); break;
                case 14:
                    var (key, value) = ReadEntry(reader.ReadMessage());
                    model.Properties[key] = value;
                    break;
                case 25:
                    model.HasFunctions = true;
                    reader.Skip();
                    break;
                default: reader.Skip(); break;
            }
        }

        return model.Graph is null ? throw reader.Corrupt("it holds no graph") : model;
    }

    private static void ReadOperatorSet(ProtobufReader reader, Dictionary<string, long> target)
    {
        var (domain, version) = ("", 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: domain = reader.ReadText(); break;
                case 2: version = reader.ReadInteger(); break;
                default: reader.Skip(); break;
            }
        }

        target[domain == "ai.onnx" ? "" : domain] = version;
    }

    /// <summary>Reads a key and its value (StringStringEntryProto).</summary>
    public static (string Key, string Value) ReadEntry(ProtobufReader reader)
    {
        var (key, value) = ("", "");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.ReadText(); break;
                case 2: value = reader.ReadText(); break;
                default: reader.Skip(); break;
            }
        }

        return (key, value);
    }

    private static GraphMessage ReadGraph(ProtobufReader reader)
    {
        var graph = new GraphMessage();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: graph.Nodes.Add(ReadNode(reader.ReadMessage())); break;
                case 2: graph.Name = reader.ReadText(); break;
                case 5: graph.Constants.Add(ReadTensor(reader.ReadMessage())); break;
                case 11: graph.Inputs.Add(ReadValue(reader.ReadMessage())); break;
                case 12: graph.Outputs.Add(ReadValue(reader.ReadMessage())); break;
                case 15:
                    graph.HasSparseConstants = true;
                    reader.Skip();
                    break;
                default: reader.Skip(); break;
            }
        }

        return graph;
    }

    public static NodeMessage ReadNode(ProtobufReader reader)
    {
        var node = new NodeMessage();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: node.Inputs.Add(reader.ReadText()); break;
                case 2: node.Outputs.Add(reader.ReadText()); break;
                case 3: node.Name = reader.ReadText(); break;
                case 4: node.Operator = reader.ReadText(); break;
                case 5:
                    var attribute = ReadAttribute(reader.ReadMessage());
                    node.Attributes[attribute.Name] = attribute;
                    break;
                case 7: node.Domain = reader.ReadText() is var domain && domain == "ai.onnx" ? "" : domain; break;
                default: reader.Skip(); break;
            }
        }

        return node;
    }

    private static AttributeMessage ReadAttribute(ProtobufReader reader)
    {
        var attribute = new AttributeMessage();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: attribute.Name = reader.ReadText(); break;
                case 2: attribute.Float = reader.ReadFloat(); break;
                case 3: attribute.Integer = reader.ReadInteger(); break;
                case 4: attribute.Text = reader.ReadText(); break;
                case 5: attribute.Tensor = ReadTensor(reader.ReadMessage()); break;
                case 7: reader.ReadFloats(attribute.Floats); break;
                case 8: reader.ReadIntegers(attribute.Integers); break;
                case 9: attribute.Texts.Add(reader.ReadText()); break;
                default: reader.Skip(); break;
            }
        }

        return attribute;
    }

    private static TensorMessage ReadTensor(ProtobufReader reader)
    {
        var tensor = new TensorMessage();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.ReadIntegers(tensor.Dimensions); break;
                case 2: tensor.ElementType = (int)reader.ReadInteger(); break;
                case 4: reader.ReadFloats(tensor.Floats); break;
                case 5 or 7 or 11: reader.ReadIntegers(tensor.Integers); break;
                case 6: tensor.Texts.Add(reader.ReadText()); break;
                case 8: tensor.Name = reader.ReadText(); break;
                case 9: tensor.Raw = reader.ReadBytes().ToArray(); break;
                case 10: reader.ReadDoubles(tensor.Doubles); break;
                case 14: tensor.IsExternal = reader.ReadInteger() == 1; break;
                default: reader.Skip(); break;
            }
        }

        return tensor;
    }

    public static ValueMessage ReadValue(ProtobufReader reader)
    {
        var value = new ValueMessage();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: value.Name = reader.ReadText(); break;
                case 2: ReadType(reader.ReadMessage(), value); break;
                default: reader.Skip(); break;
            }
        }

        return value;
    }

    private static void ReadType(ProtobufReader reader, ValueMessage value)
    {
        while (reader.Next())
        {
            value.OtherKind = reader.Field switch
            {
                4 => "sequence",
                5 => "map",
                7 => "opaque value",
                8 => "sparse tensor",
                9 => "optional value",
                _ => value.OtherKind,
            };
            if (reader.Field == 1) ReadTensorType(reader.ReadMessage(), value);
            else reader.Skip();
        }
    }

    private static void ReadTensorType(ProtobufReader reader, ValueMessage value)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: value.ElementType = (int)reader.ReadInteger(); break;
                case 2: value.Dimensions = ReadShape(reader.ReadMessage()); break;
                default: reader.Skip(); break;
            }
        }
    }

    private static List<long> ReadShape(ProtobufReader reader)
    {
        var dimensions = new List<long>();
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            var size = -1L;
            var dimension = reader.ReadMessage();
            while (dimension.Next())
            {
                if (dimension.Field == 1) size = dimension.ReadInteger();
                else dimension.Skip();
            }

            dimensions.Add(size);
        }

        return dimensions;
    }
}
