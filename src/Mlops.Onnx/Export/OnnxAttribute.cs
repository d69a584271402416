namespace Mlops.Onnx;

/// <summary>A named constant of a node (AttributeProto).</summary>
/// <param name="Name">The name, as the operator defines it.</param>
/// <param name="Value">A long, float or string, an array of these, or a tensor (TensorProto).</param>
internal readonly record struct OnnxAttribute(string Name, object Value)
{
    public ProtobufWriter ToMessage()
    {
        var message = new ProtobufWriter();
        message.WriteText(1, Name);
        switch (Value)
        {
            case float number:
                message.WriteFloat(2, number);
                message.WriteInteger(20, 1);
                break;
            case long number:
                message.WriteInteger(3, number);
                message.WriteInteger(20, 2);
                break;
            case string text:
                message.WriteText(4, text);
                message.WriteInteger(20, 3);
                break;
            case ProtobufWriter tensor:
                message.WriteMessage(5, tensor);
                message.WriteInteger(20, 4);
                break;
            case float[] numbers:
                message.WritePacked(7, numbers);
                message.WriteInteger(20, 6);
                break;
            case long[] numbers:
                message.WritePacked(8, numbers);
                message.WriteInteger(20, 7);
                break;
            case string[] texts:
                foreach (var text in texts) message.WriteText(9, text);
                message.WriteInteger(20, 8);
                break;
            default:
                throw new InvalidOperationException($"An attribute cannot hold a {Value.GetType()}.");
        }

        return message;
    }
}
