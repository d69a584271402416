using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>Compiles the preparation of features (ai.onnx.ml).</summary>
internal static class FeatureCompiler
{
    public static void CompileScaler(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindFeatures(node);
        var (offsets, scales) = (node.Floats("offset"), node.Floats("scale"));
        if (offsets.Length != scales.Length || (scales.Length != 1 && scales.Length != input.Width)) throw new InvalidModelException($"it has {offsets.Length} offsets and {scales.Length} scales for {input.Width} features");
        var output = plan.Define(node, 0, ElementType.Float32, input.Dimensions);
        plan.AddStep(input.ElementType switch
        {
            ElementType.Float32 => Scale<float>(static (value, offset, scale) => (value - offset) * scale),
            ElementType.Float64 => Scale<double>(static (value, offset, scale) => (float)((value - offset) * scale)),
            ElementType.Int64 => Scale<long>(static (value, offset, scale) => (value - offset) * scale),
            ElementType.Int32 => Scale<int>(static (value, offset, scale) => (value - offset) * scale),
            _ => throw new InvalidModelException($"its features are {input.ElementType}"),
        });

        ScaleStep<T> Scale<T>(Func<T, float, float, float> scale) => new(input.Slot, input.Width, output.Slot, offsets, scales, scale);
    }

    public static void CompileImputer(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindFeatures(node);
        var (floats, integers) = (node.Floats("imputed_value_floats"), node.Integers("imputed_value_int64s"));
        var output = plan.Define(node, 0, input.ElementType, input.Dimensions);
        plan.AddStep(input.ElementType switch
        {
            ElementType.Float32 when floats.Length > 0 => new ImputeStep<float>(input.Slot, input.Width, output.Slot, node.Float("replaced_value_float", 0), floats),
            ElementType.Int64 when integers.Length > 0 => new ImputeStep<long>(input.Slot, input.Width, output.Slot, node.Integer("replaced_value_int64", 0), integers),
            _ => throw new UnsupportedNodeException($"replacements for {input.ElementType}"),
        });
    }

    public static void CompileNormalizer(PlanBuilder plan, NodeReader node)
    {
        var input = CastCompiler.CastTo(plan, plan.FindFeatures(node), ElementType.Float32);
        var norm = node.Text("norm", "MAX") switch
        {
            "MAX" => VectorNorm.Max,
            "L1" => VectorNorm.L1,
            "L2" => VectorNorm.L2,
            var other => throw new InvalidModelException($"norm is '{other}'"),
        };
        plan.AddStep(new NormalizeStep(input.Slot, input.Width, plan.Define(node, 0, ElementType.Float32, input.Dimensions).Slot, norm));
    }

    public static void CompileOneHotEncoder(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindValue(node, 0);
        var (texts, numbers) = (node.Texts("cats_strings"), node.Integers("cats_int64s"));
        var refuses = node.Integer("zeros", 1) == 0;
        if (input.ElementType == ElementType.String)
        {
            if (texts.Length == 0) throw new UnsupportedNodeException("texts without categories");
            Add(input, texts);
            return;
        }

        if (numbers.Length == 0) throw new UnsupportedNodeException("numbers without categories");
        Add(CastCompiler.CastTo(plan, input, ElementType.Int64), numbers);

        void Add<T>(Operand operand, T[] categories)
            where T : notnull
        {
            var places = new Dictionary<T, int>();
            for (var i = 0; i < categories.Length; i++) places[categories[i]] = i;
            var output = plan.Define(node, 0, ElementType.Float32, [.. input.Dimensions, categories.Length]);
            plan.AddStep(new OneHotStep<T>(operand.Slot, output.Slot, places, categories.Length, refuses));
        }
    }

    public static void CompileLabelEncoder(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindValue(node, 0);
        if (node.Has("classes_strings"))
        {
            // Version 1: texts become their numbers, and numbers texts.
            var classes = node.Texts("classes_strings");
            if (input.ElementType == ElementType.String) Add(classes, [.. Enumerable.Range(0, classes.Length).Select(i => (long)i)], node.Integer("default_int64", -1));
            else if (input.ElementType == ElementType.Int64) Add([.. Enumerable.Range(0, classes.Length).Select(i => (long)i)], classes, node.Text("default_string", "_Unused"));
            else throw new InvalidModelException($"its input is {input.ElementType}");
            return;
        }

        var keys = ReadTable(node, "keys");
        switch (keys)
        {
            case string[] texts when input.ElementType == ElementType.String: AddValues(texts); break;
            case long[] numbers when input.ElementType == ElementType.Int64: AddValues(numbers); break;
            case float[] numbers when input.ElementType == ElementType.Float32: AddValues(numbers); break;
            case double[] numbers when input.ElementType == ElementType.Float64: AddValues(numbers); break;
            default: throw new UnsupportedNodeException($"from {input.ElementType}");
        }

        void AddValues<TKey>(TKey[] found)
            where TKey : notnull
        {
            var missing = node.Tensor("default_tensor")?.Elements;
            switch (ReadTable(node, "values"))
            {
                case string[] texts: Add(found, texts, missing is string[] { Length: 1 } text ? text[0] : node.Text("default_string", "_Unused")); break;
                case long[] numbers: Add(found, numbers, missing is long[] { Length: 1 } number ? number[0] : node.Integer("default_int64", -1)); break;
                case float[] numbers: Add(found, numbers, missing is float[] { Length: 1 } single ? single[0] : node.Float("default_float", -0f)); break;
                case double[] numbers: Add(found, numbers, missing is double[] { Length: 1 } real ? real[0] : -0.0); break;
                default: throw new UnsupportedNodeException("to values of a kind that it does not know");
            }
        }

        void Add<TKey, TValue>(TKey[] found, TValue[] values, TValue missing)
            where TKey : notnull
        {
            if (found.Length != values.Length) throw new InvalidModelException($"it has {found.Length} keys and {values.Length} values");
            var table = new Dictionary<TKey, TValue>();
            // Before version 4 a missing number is like no key, not even itself. Of a key that is there twice, version 1 takes the last value, ONNX Runtime's others the first.
            var matchesMissing = plan.MachineLearningVersion >= 4;
            var takesLast = node.Has("classes_strings");
            for (var i = 0; i < found.Length; i++)
            {
                if (!matchesMissing && found[i] is float.NaN or double.NaN) continue;
                if (takesLast) table[found[i]] = values[i];
                else table.TryAdd(found[i], values[i]);
            }

            var output = plan.Define(node, 0, ElementTypes.Of<TValue>(), input.Dimensions);
            plan.AddStep(new LookupStep<TKey, TValue>(input.Slot, output.Slot, table, missing));
        }
    }

    private static Array? ReadTable(NodeReader node, string side)
        => node.Has($"{side}_strings") ? node.Texts($"{side}_strings")
            : node.Has($"{side}_int64s") ? node.Integers($"{side}_int64s")
            : node.Has($"{side}_floats") ? node.Floats($"{side}_floats")
            : node.Tensor($"{side}_tensor")?.Elements;
}
