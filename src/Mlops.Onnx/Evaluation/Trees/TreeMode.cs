namespace Mlops.Onnx;

/// <summary>What a node of a tree asks of its feature. The numbers are those of TreeEnsemble (ai.onnx.ml 5).</summary>
internal enum TreeMode : byte
{
    LessOrEqual = 0,
    Less = 1,
    GreaterOrEqual = 2,
    Greater = 3,
    Equal = 4,
    NotEqual = 5,
    Member = 6,
    Leaf = 7,
}

/// <summary>How the weights of the leaves become one score. The numbers are those of TreeEnsemble (ai.onnx.ml 5).</summary>
internal enum TreeAggregate
{
    Average = 0,
    Sum = 1,
    Min = 2,
    Max = 3,
}

/// <summary>What becomes of scores. The numbers are those that ONNX Runtime takes for TreeEnsemble (ai.onnx.ml 5); its documentation has 1 and 2 the other way round.</summary>
internal enum PostTransform
{
    None = 0,
    Logistic = 1,
    Softmax = 2,
    SoftmaxZero = 3,
    Probit = 4,
}
