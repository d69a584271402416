// Trains XGBoost on the loan applications of credit.csv, whose numbers are partly missing, and writes its trees, rows and its own predictions of them.
//
//     npm install ml-xgboost@1.1.2 && node make_xgboost.js
//
// The package holds XGBoost compiled to WebAssembly. It takes -1 for a missing value, which no number of the file is. One thread, and nothing drawn: it gives the same trees again.
const fs = require('fs');
const path = require('path');

const NUMBERS = ['Seniority', 'Time', 'Age', 'Expenses', 'Income', 'Assets', 'Debt', 'Amount', 'Price'];
const COMMON = { booster: 'gbtree', eta: 0.3, min_child_weight: 5, subsample: 1, colsample_bytree: 1, silent: 1, seed: 7, nthread: 1 };
const MODELS = {
  regression: { target: 'Amount', options: { objective: 'reg:linear', max_depth: 5, iterations: 30 } },
  binary: { target: 'Status', options: { objective: 'binary:logistic', max_depth: 4, iterations: 40 } },
  multiclass: { target: 'Job', options: { objective: 'multi:softprob', max_depth: 4, iterations: 12, num_class: 4, predictionSize: 4 } },
};
const EVERY = 15;
const MISSING = -1;

function read() {
  const [names, ...rows] = fs.readFileSync(path.join(__dirname, '..', 'credit.csv'), 'utf8').trim().split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim().replace(/"/g, '')));
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

// Takes a value out of most rows, so that each feature is missing somewhere, whether it ever was in the training or not; the last row has none.
function blank(rows) {
  const some = rows.map((row, at) => row.map((value, column) => ((at + 3 * column) % 11 === 0 ? MISSING : value)));
  return [...some, rows[0].map(() => MISSING)];
}

// The trees of a saved model: a header, for each tree its nodes of 20 bytes and their statistics of 16, then the class of each tree.
function readTrees(bytes) {
  let at = 136;
  const readText = () => {
    const length = Number(bytes.readBigUInt64LE(at));
    at += 8 + length;
    return bytes.toString('latin1', at - length, at);
  };
  const objective = readText();
  readText();
  const [count, groups] = [bytes.readInt32LE(at), bytes.readInt32LE(at + 24)];
  at += 160;
  const trees = [];
  for (let tree = 0; tree < count; tree++) {
    const nodes = bytes.readInt32LE(at + 4);
    at += 148;
    const [left, right, feature, missingLeft, value] = [[], [], [], [], []];
    for (let node = 0; node < nodes; node++, at += 20) {
      const isLeaf = bytes.readInt32LE(at + 4) < 0;
      const split = bytes.readUInt32LE(at + 12);
      left.push(isLeaf ? -1 : bytes.readInt32LE(at + 4));
      right.push(isLeaf ? -1 : bytes.readInt32LE(at + 8));
      feature.push(isLeaf ? 0 : split & 0x7fffffff);
      missingLeft.push(isLeaf ? 0 : split >>> 31);
      value.push(Number(bytes.readFloatLE(at + 16).toPrecision(9)));
    }
    at += 16 * nodes;
    trees.push({ target: 0, left, right, feature, missingLeft, value });
  }
  for (const tree of trees) {
    tree.target = bytes.readInt32LE(at);
    at += 4;
  }
  if (at !== bytes.length) throw new Error('The model holds more than its trees.');
  return { objective, base: bytes.readFloatLE(0), groups, trees };
}

function make(XGBoost, name, rows) {
  const { target, options } = MODELS[name];
  const features = NUMBERS.filter((feature) => feature !== target);
  const known = rows.filter((row) => row[target] !== 'NA');
  const classes = name === 'regression' ? null : [...new Set(known.map((row) => row[target]))].sort();
  const matrix = (some) => some.map((row) => features.map((feature) => (row[feature] === 'NA' ? MISSING : Number(row[feature]))));
  const model = new XGBoost({ ...COMMON, ...options });
  model.train(matrix(known), known.map((row) => (classes ? classes.indexOf(row[target]) : Number(row[target]))));
  const asked = blank(matrix(rows.filter((_, row) => row % EVERY === 0)));
  const predictions = model.predict(asked).flat().map((answer) => Number(answer.toPrecision(9)));
  const file = `xgboost_${name}.json`;
  fs.writeFileSync(path.join(__dirname, file), `${JSON.stringify(readTrees(Buffer.from(Int8Array.from(model.toJSON().model).buffer)))}\n`);
  return { name, file, features, classes, rows: asked.map((row) => row.map((value) => (value === MISSING ? null : value))), predictions };
}

require('ml-xgboost').then((XGBoost) => {
  const rows = read();
  const golden = { models: Object.keys(MODELS).map((name) => make(XGBoost, name, rows)) };
  fs.writeFileSync(path.join(__dirname, 'xgboost_golden.json'), `${JSON.stringify(golden)}\n`);
});
