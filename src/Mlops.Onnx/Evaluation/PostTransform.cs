namespace Mlops.Onnx;

/// <summary>What becomes of scores. The numbers are those that ONNX Runtime takes for TreeEnsemble (ai.onnx.ml 5); its documentation has 1 and 2 the other way round.</summary>
internal enum PostTransform
{
    None = 0,
    Logistic = 1,
    Softmax = 2,
    SoftmaxZero = 3,
    Probit = 4,
}
